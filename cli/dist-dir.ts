import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const here = dirname(fileURLToPath(import.meta.url));

/** Where the built command is, and what was built with it. Chunks of the command lie one folder deeper than its entry. */
export const distDir = here.endsWith('chunks') ? dirname(here) : here;
