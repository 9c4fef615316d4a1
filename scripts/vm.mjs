// Tests the package on a virtual device: `npm run test:vm`, `npm run test:vm -- --package FILE.deb`; other arguments go to
// Vitest. Needs root and ten minutes. See CONTRIBUTING.md.
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const callerDir = process.cwd();
process.chdir(root);

const programs = {
  debootstrap: 'debootstrap',
  'qemu-system-x86_64': 'qemu-system-x86',
  mke2fs: 'e2fsprogs',
  ip: 'iproute2',
  chromium: 'chromium',
};

function installPrograms() {
  const needs = Object.entries(programs).map(([program, debian]) => `need_program ${program} ${debian}`);
  execFileSync('bash', ['-ec', ['. scripts/setup.sh', ...needs].join('\n')], { stdio: 'inherit' });
}

function buildPackage() {
  execFileSync('npm', ['run', '--silent', 'package'], { stdio: ['ignore', 'inherit', 'inherit'] });
  const name = readdirSync('dist-packages').find((file) => /^porthole_.*_amd64\.deb$/.test(file));
  if (!name) throw new Error('npm run package has made no package for amd64');
  return join(root, 'dist-packages', name);
}

// What is not ours goes on to Vitest.
const { values, tokens } = parseArgs({ options: { package: { type: 'string' } }, strict: false, tokens: true });
const forVitest = tokens.filter(({ name }) => name !== 'package').map(({ index }) => process.argv[2 + index]);

if (process.getuid?.() !== 0) throw new Error('run as root: the virtual device gets a network wire to this machine');
installPrograms();
execFileSync(process.execPath, ['scripts/build.mjs', '--if-stale'], { stdio: 'inherit' });
const packageFile = values.package ? resolve(callerDir, values.package) : buildPackage();
const image = execFileSync('scripts/vm/make-image', { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] }).trim();
const run = spawnSync('npx', ['vitest', 'run', '--config', 'test/vm/vitest.config.ts', ...forVitest], {
  stdio: 'inherit',
  env: { ...process.env, PORTHOLE_TEST_IMAGE: image, PORTHOLE_TEST_PACKAGE: packageFile },
});
process.exit(run.status ?? 1);
