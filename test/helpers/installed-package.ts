import { execFileSync, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { buildDeb } from '../../scripts/package/build-deb.ts';

const systemPrograms = [
  'systemctl',
  'deb-systemd-helper',
  'deb-systemd-invoke',
  'systemd-sysusers',
  'systemd-tmpfiles',
];

/** The Debian package, unpacked into a folder that stands for `/`: all its files are ours, but for the program. */
export class InstalledPackage {
  readonly root: string;
  private readonly callsFile: string;
  private readonly binDir: string;

  private constructor(workDir: string) {
    this.root = join(workDir, 'root');
    this.binDir = join(workDir, 'bin');
    this.callsFile = join(workDir, 'calls');
  }

  static unpack(): InstalledPackage {
    const workDir = mkdtempSync(join(tmpdir(), 'porthole-deb-'));
    onTestFinished(() => rmSync(workDir, { recursive: true, force: true }));
    const installed = new InstalledPackage(workDir);
    execFileSync('dpkg-deb', ['--raw-extract', buildPackage(workDir), installed.root]);
    mkdirSync(join(installed.root, 'run/systemd/system'), { recursive: true });
    mkdirSync(installed.binDir);
    for (const name of systemPrograms)
      installed.addProgram(join(installed.binDir, name), `echo ${name} "$@" >>'${installed.callsFile}'`);
    return installed;
  }

  /** What `systemctl show` is to say. */
  setServiceProperty(name: string, value: string): void {
    const answer = `case "$*" in *--property=${name}*) echo ${value} ;; esac`;
    this.addProgram(join(this.binDir, 'systemctl'), `echo systemctl "$@" >>'${this.callsFile}'; ${answer}`);
  }

  write(path: string, text: string): void {
    mkdirSync(join(this.root, path, '..'), { recursive: true });
    writeFileSync(join(this.root, path), text);
  }

  read(path: string): string {
    return readFileSync(join(this.root, path), 'utf8');
  }

  /** Runs a maintainer script on the folder. @returns what it says */
  run(script: 'postinst', ...args: string[]): { code: number | null; output: string } {
    const text = this.read(`DEBIAN/${script}`).replaceAll(/(?<![\w.])\/(etc|run|usr|var)\//g, `${this.root}/$1/`);
    const { status, stdout, stderr } = spawnSync('sh', ['-c', text, script, ...args], {
      encoding: 'utf8',
      env: { PATH: `${this.binDir}:${process.env.PATH}` },
    });
    return { code: status, output: stdout + stderr };
  }

  /** The programs of the system that scripts have called, with their arguments. */
  get calls(): string[] {
    return readFileSync(this.callsFile, 'utf8').trim().split('\n');
  }

  private addProgram(path: string, line: string): void {
    writeFileSync(path, `#!/bin/sh\n${line}\n`);
    chmodSync(path, 0o755);
  }
}

export function hasDpkgDeb(): boolean {
  return spawnSync('dpkg-deb', ['--version']).status === 0;
}

function buildPackage(workDir: string): string {
  const bundleDir = join(workDir, 'bundle');
  const nativeDir = join(workDir, 'native');
  for (const folder of [bundleDir, nativeDir]) mkdirSync(folder);
  writeFileSync(join(bundleDir, 'cli.js'), '');
  writeFileSync(join(nativeDir, 'package.json'), JSON.stringify({ name: 'native', version: '1.0.0', license: 'MIT' }));
  return buildDeb({
    architecture: { debian: 'amd64', nativePackage: 'native' },
    version: '1.2.3',
    bundleDir,
    nativeDir,
    packages: [],
    stagingDir: join(workDir, 'staging'),
    outputDir: workDir,
    epochSeconds: 0,
  });
}
