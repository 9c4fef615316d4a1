// Builds the Debian packages: `npm run package`, `npm run package -- amd64`. `npm run package -- --texts` writes the manual page
// and the completions again, which are kept in packaging/.
import { execFileSync, spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const workDir = join(root, '.cache/package');
const built = join(workDir, 'tool');
process.chdir(root);

// A fresh clone has no packages, and to import one would end this without a word that helps.
const needs = [
  'need_node',
  'need_packages',
  ...(process.argv.includes('--texts') ? [] : ['need_program dpkg-deb dpkg']),
];
const ready = spawnSync('bash', ['-c', ['set -e', '. scripts/setup.sh', ...needs].join('\n')], { stdio: 'inherit' });
if (ready.status !== 0) process.exit(1);
const { rolldown } = await import('rolldown');

execFileSync(process.execPath, ['scripts/build.mjs', '--if-stale'], { stdio: 'inherit' });
rmSync(workDir, { recursive: true, force: true });
const bundle = await rolldown({ input: 'scripts/package/main.ts', platform: 'node', external: [/^node:/, /^[^./]/] });
await bundle.write({ dir: built, format: 'esm', entryFileNames: 'main.js' });

const run = spawnSync(process.execPath, [join(built, 'main.js'), ...process.argv.slice(2)], { stdio: 'inherit' });
rmSync(workDir, { recursive: true, force: true });
process.exit(run.status ?? 1);
