import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Our licence, and those of the packages that are in the bundle. @param folders of these packages */
export function buildCopyright(folders: readonly string[]): string {
  const parts = [
    'Porthole\n\n',
    readFileSync('LICENSE', 'utf8'),
    '\nIt contains the following packages of npm (https://www.npmjs.com).\n',
    ...folders.map(describePackage),
  ];
  return parts.join('');
}

function describePackage(folder: string): string {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
    license?: string;
  };
  const file = readdirSync(folder).find((candidate) => /^(licen[sc]e|copying)/i.test(candidate));
  const text = file === undefined ? '' : readFileSync(join(folder, file), 'utf8').trim();
  return `\n${'-'.repeat(80)}\n${name} ${version}: ${license ?? 'see its page'}\n\n${onDebian(text)}\n`;
}

/** Every Debian system has the text of this one. */
function onDebian(licence: string): string {
  return licence.includes('Apache License') ? 'The text is in /usr/share/common-licenses/Apache-2.0.' : licence;
}
