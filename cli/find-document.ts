import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { distDir } from './dist-dir.ts';

/** A clone and the package of npm have the documents beside the build; the third place is that of the Debian package. */
const folders = [join(distDir, '..'), '/usr/share/doc/porthole'];

/**
 * Where a document is on this machine, for people. A system may leave documents out, as small images of Debian do; then it is
 * called as in the repository.
 *
 * @param path in the repository: `docs/deploy.md`
 */
export function findDocument(path: string, below: readonly string[] = folders): string {
  return below.map((folder) => join(folder, path)).find((candidate) => existsSync(candidate)) ?? path;
}
