import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { listDocuments } from '../../../../scripts/package/documents.ts';
import { isThere, readSources, readText } from '../../../helpers/architecture-sources.ts';

const documents = listDocuments();
/** What a reader of the packages does without: our sources, and the example, which has another name there. */
const leftOut = /^(protocol$|test\/|packaging\/porthole\.example\.yaml$)/;

function linksOf(document: string): string[] {
  const links = [...readText(document).matchAll(/\]\(([^)#:]+)(?:#[^)]*)?\)/g)];
  return links.map(([, target = '']) => posix.join(posix.dirname(document), target));
}

describe('the documents of the packages', () => {
  it('are those that the program names', () => {
    const code = readSources(['agent', 'broker', 'cli', 'scripts/docs', 'scripts/package']).map(
      (source) => source.code,
    );
    const named = code.flatMap((text) => [...text.matchAll(/docs\/[a-z-]+\.md/g)].map(([path]) => path));
    expect(named).toContain('docs/troubleshooting.md');
    expect(documents).toEqual(expect.arrayContaining([...new Set(named)]));
  });

  it('lead to each other', () => {
    const links = documents.filter((path) => path.endsWith('.md')).flatMap(linksOf);
    expect(links).toContain('broker/deploy/mosquitto/README.md');
    const lost = links.filter((path) => !documents.includes(path) && !(leftOut.test(path) && isThere(path)));
    expect(lost).toEqual([]);
  });

  it('are in the package of npm too', () => {
    const { files } = JSON.parse(readText('package.json')) as { files: string[] };
    const isPacked = (path: string) => files.some((folder) => path.startsWith(`${folder}/`));
    expect(documents.filter((path) => !isPacked(path))).toEqual([]);
  });
});
