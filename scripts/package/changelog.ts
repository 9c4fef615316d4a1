import { maintainer } from './control.ts';

/** As many words as fit beside the indentation. */
const line = /.{1,74}(?: |$)/g;

/**
 * The newest section of CHANGELOG.md in the form of Debian (deb-changelog(5)).
 *
 * @param options.changes the whole of CHANGELOG.md
 */
export function buildChangelog(options: { version: string; changes: string; epochSeconds: number }): string {
  const { version, changes, epochSeconds } = options;
  const newest = changes.split(/^## .*$/m)[1] ?? '';
  const bullets = newest
    .split(/^- /m)
    .slice(1)
    .map((text) => text.replace(/\s+/g, ' ').trim());
  // Thu, 01 Jan 1970 00:00:00 GMT
  const date = new Date(epochSeconds * 1000).toUTCString().replace('GMT', '+0000');
  return [
    `porthole (${version}) stable; urgency=medium`,
    '',
    ...bullets.flatMap((text) =>
      [...text.matchAll(line)].map(([words], index) => `  ${index === 0 ? '*' : ' '} ${words.trimEnd()}`),
    ),
    '',
    ` -- ${maintainer}  ${date}`,
    '',
  ].join('\n');
}
