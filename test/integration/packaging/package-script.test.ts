import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const basics = ['bash', 'cat', 'id', 'sha256sum'];

/** Runs `npm run package` in a clone that nothing was installed in, on a machine with these programs and no others. */
function packageInFreshClone(programs: Record<string, string>): { code: number | null; output: string } {
  const workDir = mkdtempSync(join(tmpdir(), 'porthole-clone-'));
  onTestFinished(() => rmSync(workDir, { recursive: true, force: true }));
  for (const path of ['scripts', 'package.json', 'package-lock.json']) {
    cpSync(join(root, path), join(workDir, path), { recursive: true });
  }
  const bin = join(workDir, 'bin');
  mkdirSync(bin);
  for (const name of basics) symlinkSync(execFileSync('which', [name], { encoding: 'utf8' }).trim(), join(bin, name));
  symlinkSync(process.execPath, join(bin, 'node'));
  for (const [name, line] of Object.entries(programs)) {
    writeFileSync(join(bin, name), `#!${join(bin, 'bash')}\n${line}\n`);
    chmodSync(join(bin, name), 0o755);
  }
  const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/package.mjs'], {
    cwd: workDir,
    encoding: 'utf8',
    env: { PATH: bin },
  });
  return { code: status, output: stdout + stderr };
}

describe('npm run package, in a fresh clone', () => {
  it('installs the packages of npm before it needs one of them', () => {
    const { code, output } = packageInFreshClone({ npm: 'echo "npm $*"; exit 1' });
    expect(code).toBe(1);
    expect(output).toContain('npm ci');
    expect(output).toContain('npm could not install the packages');
    expect(output).not.toMatch(/ERR_MODULE_NOT_FOUND| at /);
  });

  it('names the program that builds packages, where it is missing and there is no apt', () => {
    const { code, output } = packageInFreshClone({ npm: '/bin/mkdir -p node_modules' });
    expect(code).toBe(1);
    expect(output).toContain('apt install dpkg');
    expect(output).not.toContain(' at ');
  });
});
