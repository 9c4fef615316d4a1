import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { loadCommands } from '../../../../cli/command-list.ts';
import { buildTexts } from '../../../../scripts/package/build-texts.ts';

const texts = buildTexts(await loadCommands());

describe('manual page and completions', () => {
  it.each(texts)('%s says what the command line says (npm run package -- --texts)', (path, text) => {
    expect(readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8')).toBe(text);
  });

  it('have every command and every flag', async () => {
    for (const { name, flags } of await loadCommands()) {
      for (const [path, text] of texts) {
        const words = text.replaceAll('\\-', '-');
        expect(words, path).toContain(name);
        for (const flag of Object.keys(flags))
          expect(words, path).toContain(path.endsWith('.fish') ? `-l ${flag}` : `--${flag}`);
      }
    }
  });
});
