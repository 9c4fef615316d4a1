import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Architecture } from './architecture.ts';
import { buildChangelog } from './changelog.ts';
import { buildControl } from './control.ts';
import { buildCopyright } from './copyright.ts';
import { listDocuments } from './documents.ts';

export interface DebOptions {
  architecture: Architecture;
  version: string;
  bundleDir: string;
  /** The unpacked npm package with the native module. */
  nativeDir: string;
  /** Folders of the packages in the bundle. */
  packages: readonly string[];
  stagingDir: string;
  outputDir: string;
  /** Time of every file, in seconds since 1970. */
  epochSeconds: number;
}

/** Not below doc, which a system may leave out (dpkg(1), path-exclude): postinst makes the first configuration of it. */
const example = 'usr/share/porthole/porthole.example.yaml';

/** Where what goes, with those files that are installed as they are in the repository. */
const copies: [from: string, to: string][] = [
  ['packaging/systemd/porthole.service', 'usr/lib/systemd/system/porthole.service'],
  ['packaging/systemd/sysusers.conf', 'usr/lib/sysusers.d/porthole.conf'],
  ['packaging/systemd/tmpfiles.conf', 'usr/lib/tmpfiles.d/porthole.conf'],
  ['packaging/systemd/is-configured', 'usr/lib/porthole/systemd/is-configured'],
  ['packaging/porthole.example.yaml', example],
  ['packaging/debian/lintian-overrides', 'usr/share/lintian/overrides/porthole'],
  ['docs/porthole.schema.json', 'usr/share/porthole/porthole.schema.json'],
  ['packaging/completions/porthole.bash', 'usr/share/bash-completion/completions/porthole'],
  ['packaging/completions/porthole.zsh', 'usr/share/zsh/vendor-completions/_porthole'],
  ['packaging/completions/porthole.fish', 'usr/share/fish/vendor_completions.d/porthole.fish'],
];
const maintainerScripts = ['preinst', 'postinst', 'prerm', 'postrm'];

/** Builds one package. The same source and time give the same bytes. @returns its path */
export function buildDeb(options: DebOptions): string {
  const { architecture, version, stagingDir, outputDir, epochSeconds } = options;
  rmSync(stagingDir, { recursive: true, force: true });
  stageFiles(options);
  stageControl(options);
  const path = join(outputDir, `porthole_${version}_${architecture.debian}.deb`);
  // Sorts the files and bounds their times by itself; more threads would cut the data at other places.
  execFileSync('dpkg-deb', ['--root-owner-group', '-Zxz', '--threads-max=1', '--build', stagingDir, path], {
    env: { ...process.env, SOURCE_DATE_EPOCH: String(epochSeconds) },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  return path;
}

function stageFiles({
  architecture,
  version,
  bundleDir,
  nativeDir,
  packages,
  stagingDir,
  epochSeconds,
}: DebOptions): void {
  const at = (path: string) => {
    mkdirSync(dirname(join(stagingDir, path)), { recursive: true });
    return join(stagingDir, path);
  };
  cpSync(bundleDir, at('usr/lib/porthole'), { recursive: true });
  cpSync(nativeDir, at(`usr/lib/porthole/node_modules/${architecture.nativePackage}`), { recursive: true });
  for (const [from, to] of copies) cpSync(from, at(to));
  for (const path of listDocuments()) cpSync(path, at(`usr/share/doc/porthole/${path}`));
  symlinkSync('../lib/porthole/cli.js', at('usr/bin/porthole'));
  symlinkSync('../../../porthole/porthole.example.yaml', at('usr/share/doc/porthole/examples/porthole.yaml'));
  const writeZipped = (path: string, text: string) => writeFileSync(at(path), gzipSync(text, { level: 9 }));
  writeZipped('usr/share/man/man1/porthole.1.gz', readFileSync('packaging/man/porthole.1', 'utf8'));
  writeZipped(
    'usr/share/doc/porthole/changelog.gz',
    buildChangelog({ version, changes: readFileSync('CHANGELOG.md', 'utf8'), epochSeconds }),
  );
  writeFileSync(at('usr/share/doc/porthole/copyright'), buildCopyright([...packages, nativeDir]));
  for (const path of filesBelow(stagingDir)) setMode(path);
}

function stageControl({ architecture, version, stagingDir }: DebOptions): void {
  const files = filesBelow(stagingDir).filter((path) => lstatSync(path).isFile());
  const sizeBytes = files.reduce((sum, path) => sum + lstatSync(path).size, 0);
  const control = join(stagingDir, 'DEBIAN');
  mkdirSync(control);
  const description = readFileSync('packaging/debian/description', 'utf8');
  writeFileSync(
    join(control, 'control'),
    buildControl({ version, architecture: architecture.debian, sizeBytes, description }),
  );
  const sums = files.map((path) => `${md5Of(path)}  ${path.slice(stagingDir.length + 1)}\n`).sort();
  writeFileSync(join(control, 'md5sums'), sums.join(''));
  for (const name of maintainerScripts) cpSync(`packaging/debian/${name}`, join(control, name));
  for (const name of readdirSync(control))
    chmodSync(join(control, name), maintainerScripts.includes(name) ? 0o755 : 0o644);
  chmodSync(control, 0o755);
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) => join(folder, name));
}

/** Whatever the umask of whoever builds. */
function setMode(path: string): void {
  const stats = lstatSync(path);
  if (stats.isSymbolicLink()) return;
  const isProgram = ['/cli.js', '.sh', '/is-configured'].some((end) => path.endsWith(end));
  chmodSync(path, stats.isDirectory() || isProgram ? 0o755 : 0o644);
}

function md5Of(path: string): string {
  return createHash('md5').update(readFileSync(path)).digest('hex');
}
