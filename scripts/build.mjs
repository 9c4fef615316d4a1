// Builds everything into dist/: the command, the page and the element. With --if-stale only when a source is newer.
import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const entry = join(root, 'dist/cli.js');
const lastBuilt = join(root, 'dist/porthole-view.js');
const sources = [
  'agent',
  'broker',
  'cli',
  'packaging/systemd',
  'protocol',
  'viewer',
  'package-lock.json',
  'rolldown.config.ts',
  'scripts/build.mjs',
];

const newestMs = (path) => {
  const stats = statSync(path);
  if (!stats.isDirectory()) return stats.mtimeMs;
  return Math.max(stats.mtimeMs, ...readdirSync(path).map((name) => newestMs(join(path, name))));
};
const isFresh = () => {
  if (!existsSync(entry) || !existsSync(lastBuilt)) return false;
  const builtMs = statSync(lastBuilt).mtimeMs;
  return sources.every((source) => newestMs(join(root, source)) < builtMs);
};
const run = (tool, ...args) =>
  execFileSync(join(root, 'node_modules/.bin', tool), args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });

if (process.argv.includes('--if-stale') && isFresh()) process.exit(0);
// Beside the build that is there, which stays until the new one is whole: commands and tests may be running from it.
const fresh = join(root, `dist-${process.pid}`);
try {
  run('rolldown', '--config', 'rolldown.config.ts', '--dir', fresh, '--log-level', 'warn');
  chmodSync(join(fresh, 'cli.js'), 0o755);
  cpSync(join(root, 'packaging/systemd'), join(fresh, 'systemd'), { recursive: true });
  const vite = ['build', '--config', 'viewer/vite.config.ts', '--logLevel', 'warn'];
  run('vite', ...vite, '--outDir', join(fresh, 'page'));
  run('vite', ...vite, '--mode', 'library', '--outDir', fresh);
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  renameSync(fresh, join(root, 'dist'));
} finally {
  rmSync(fresh, { recursive: true, force: true });
}
