import { join } from 'node:path';
import { distDir } from './dist-dir.ts';

/** The built page, beside the built command: `dist/page`. */
export const pageDir = join(distDir, 'page');
