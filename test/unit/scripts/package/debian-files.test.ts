import { describe, expect, it } from 'vitest';
import { buildChangelog } from '../../../../scripts/package/changelog.ts';
import { buildControl } from '../../../../scripts/package/control.ts';

describe('buildControl', () => {
  it('has a field on each line, and the description as it is', () => {
    const control = buildControl({
      version: '1.2.3',
      architecture: 'arm64',
      sizeBytes: 1025,
      description: 'short\n long\n .\n more\n',
    });
    expect(control).toMatch(/^Version: 1\.2\.3$/m);
    expect(control).toMatch(/^Installed-Size: 2$/m);
    expect(control.endsWith('Description: short\n long\n .\n more\n')).toBe(true);
    expect(control.split('\n').filter((line) => line === '')).toHaveLength(1);
  });
});

describe('buildChangelog', () => {
  it('gives the newest section in the form of Debian, at a time that the source decides', () => {
    const long = `${'word '.repeat(30)}end`;
    const changes = `# Changelog\n\n## NEXT\n\nIntro.\n\n- One\n  thing.\n- ${long}\n\n## 0.1.0\n\n- Old.\n`;
    const text = buildChangelog({ version: '0.2.0', changes, epochSeconds: 0 });
    expect(text).toMatch(/^porthole \(0\.2\.0\) stable; urgency=medium\n\n {2}\* One thing\.\n {2}\* word/);
    expect(text).toMatch(/ -- .+ <.+> {2}Thu, 01 Jan 1970 00:00:00 \+0000\n$/);
    expect(text).not.toContain('Old.');
    expect(Math.max(...[...text.matchAll(/^ {2}.*$/gm)].map(([line]) => line.length))).toBeLessThanOrEqual(80);
  });
});
