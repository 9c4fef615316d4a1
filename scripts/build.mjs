// Builds everything into dist/: the command and the page.
import { execFileSync } from 'node:child_process';
import { chmodSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const run = (tool, ...args) =>
  execFileSync(join(root, 'node_modules/.bin', tool), args, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });

rmSync(join(root, 'dist'), { recursive: true, force: true });
run('rolldown', '--config', 'rolldown.config.ts', '--log-level', 'warn');
chmodSync(join(root, 'dist/cli.js'), 0o755);
run('vite', 'build', '--config', 'viewer/vite.config.ts', '--logLevel', 'warn');
run('vite', 'build', '--config', 'viewer/vite.config.ts', '--mode', 'library', '--logLevel', 'warn');
