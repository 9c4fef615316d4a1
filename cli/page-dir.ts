import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The built page, beside the built command: `dist/page`. Chunks of the command lie one folder deeper than its entry. */
export const pageDir = join(distFolder(dirname(fileURLToPath(import.meta.url))), 'page');

function distFolder(here: string): string {
  return here.endsWith('chunks') ? dirname(here) : here;
}
