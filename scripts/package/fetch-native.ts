import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** Fetches a package from the registry in the version of the lock, checks it against the lock, and unpacks it. */
export function fetchNative(options: { packageName: string; targetDir: string }): void {
  const { packageName, targetDir } = options;
  const { version, integrity } = lockedPackage(packageName);
  rmSync(targetDir, { recursive: true, force: true });
  mkdirSync(targetDir, { recursive: true });
  // npm keeps what it has fetched, so this asks the network once.
  const packed = execFileSync(
    'npm',
    ['pack', `${packageName}@${version}`, '--prefer-offline', '--silent', '--pack-destination', targetDir],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const tarball = join(targetDir, packed.trim().split('\n').at(-1) ?? '');
  const digest = createHash('sha512').update(readFileSync(tarball)).digest('base64');
  if (integrity !== `sha512-${digest}`) throw new Error(`${packageName}@${version} is not what package-lock.json says`);
  execFileSync('tar', ['-xzf', tarball, '-C', targetDir, '--strip-components=1', '--no-same-owner']);
  rmSync(tarball);
}

function lockedPackage(packageName: string): { version: string; integrity: string } {
  const { packages } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as {
    packages: Record<string, { version: string; integrity: string } | undefined>;
  };
  const locked = packages[`node_modules/${packageName}`];
  if (!locked) throw new Error(`package-lock.json does not know ${packageName}`);
  return locked;
}
