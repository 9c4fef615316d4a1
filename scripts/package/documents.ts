import { readdirSync, statSync } from 'node:fs';

/** Whole, since they lead to each other: both packages have them in the same places below one folder, so that the links hold. */
const folders = ['docs', 'broker/deploy'];

/** The documents, and the files that they are about: paths in the repository. Pictures are for the page of the project alone. */
export function listDocuments(): string[] {
  return folders
    .flatMap((folder) => readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`))
    .filter((path) => statSync(path).isFile() && !path.endsWith('.png'))
    .sort();
}
