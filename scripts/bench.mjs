// Measures the product on this machine: `npm run bench`, `npm run bench -- --quick`, `-- --only viewers,loss`. See docs/benchmark.md.
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rolldown } from 'rolldown';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const built = join(root, '.cache/bench');
process.chdir(root);

execFileSync(process.execPath, ['scripts/build.mjs', '--if-stale'], { stdio: 'inherit' });
// A copy, so that a build in the middle of a run changes nothing.
rmSync(built, { recursive: true, force: true });
cpSync('dist', join(built, 'dist'), { recursive: true });

const workers = readdirSync('scripts/bench').filter((name) => name.endsWith('-worker.ts'));
const entries = ['main.ts', ...workers];
const bundle = await rolldown({
  input: Object.fromEntries(entries.map((name) => [name.replace('.ts', ''), `scripts/bench/${name}`])),
  platform: 'node',
  external: [/^node:/, /^[^./]/],
});
await bundle.write({ dir: built, format: 'esm', entryFileNames: '[name].js', sourcemap: true });

const run = spawn(process.execPath, ['--enable-source-maps', join(built, 'main.js'), ...process.argv.slice(2)], {
  stdio: 'inherit',
});
// Ctrl-C reaches the whole group; what is sent to this process alone is handed on.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => run.kill('SIGTERM'));
run.on('exit', (code) => process.exit(code ?? 1));
