import { chmodSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { findServiceAccess } from '../../../../agent/doctor/service-access.ts';

const unit = 'LoadState=loaded\nUser=porthole\nSupplementaryGroups=video audio\n';

/** A file in the place of a device, in a group of this name. */
function makeDevice({ mode, group, members = '' }: { mode: number; group: string; members?: string }) {
  const folder = mkdtempSync(join(tmpdir(), 'porthole-device-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [path, groupFile] = [join(folder, 'video0'), join(folder, 'group')];
  writeFileSync(path, '');
  chmodSync(path, mode);
  writeFileSync(groupFile, `other:x:99999:\n${group}:x:${statSync(path).gid}:${members}\n`);
  return { path, groupFile };
}

function look(
  groupFile: string,
  { stdout = unit, isRoot = true, code = 0 as number | null, userFile = '/etc/passwd' } = {},
) {
  const systemctl = async () => ({ code, stdout, isMissing: code === null, isTimedOut: false });
  return findServiceAccess({ isRoot, systemctl, groupFile, userFile });
}

describe('the rights of the service', () => {
  it.each([
    ['of a group of its unit', { mode: 0o660, group: 'video' }, true],
    ['of its own group', { mode: 0o660, group: 'porthole' }, true],
    ['of a group that it is a member of', { mode: 0o660, group: 'plugdev', members: 'anna,porthole' }, true],
    ['of everybody', { mode: 0o666, group: 'root' }, true],
    ['of the owner alone', { mode: 0o600, group: 'video' }, false],
    ['of a group that it does not get', { mode: 0o660, group: 'plugdev', members: 'anna' }, false],
    ['of its group for reading alone', { mode: 0o646, group: 'video' }, false],
  ])('open a device %s: %j, %s', async (_what, device, mayOpen) => {
    const { path, groupFile } = makeDevice(device);
    const service = await look(groupFile);
    expect(await service?.mayOpen(path)).toBe(mayOpen);
    expect(await service?.mayOpen(`${path}-gone`)).toBe(false);
  });

  interface ReadableFile {
    mode: number;
    folderMode?: number;
    isOwn?: boolean;
    /** Lines of the unit. */
    hides?: string;
  }

  it.each<[string, ReadableFile, string | null]>([
    ['that everybody may read', { mode: 0o644 }, null],
    ['of its group', { mode: 0o640 }, null],
    ['of its owner alone', { mode: 0o600 }, 'may not read'],
    ['of its own', { mode: 0o600, isOwn: true }, null],
    ['of its own that it has closed to itself', { mode: 0o044, isOwn: true }, 'may not read'],
    ['in a folder that is closed to it', { mode: 0o644, folderMode: 0o700 }, 'may not read'],
    ['in /tmp, where it has a folder of its own', { mode: 0o644, hides: 'PrivateTmp=yes\n' }, 'does not see'],
  ])('let it read a file %s: %j, or not: %s', async (_what, file, verb) => {
    const { path, groupFile } = makeDevice({ mode: file.mode, group: 'video' });
    chmodSync(dirname(path), file.folderMode ?? 0o755);
    const userFile = join(dirname(groupFile), 'passwd');
    writeFileSync(userFile, `porthole:x:${file.isOwn ? statSync(path).uid : 99_998}:99998::/:\n`);
    const service = await look(groupFile, { stdout: unit + (file.hides ?? ''), userFile });
    expect((await service?.findObstacle(path))?.verb ?? null).toBe(verb);
    expect(await service?.findObstacle(`${path}-gone`)).toBeNull();
  });

  it('do not reach a file through a link from where it does not see', async () => {
    const { path, groupFile } = makeDevice({ mode: 0o644, group: 'video' });
    const link = join(dirname(path), 'link');
    symlinkSync('/etc/hostname', link);
    const service = await look(groupFile, { stdout: `${unit}PrivateTmp=yes\n` });
    expect(await service?.findObstacle(link)).toMatchObject({ verb: 'does not see' });
    expect(await service?.findObstacle('/etc/hostname')).toBeNull();
  });

  it.each([
    ['whoever looks is not root', { isRoot: false }],
    ['there is no service', { stdout: 'LoadState=not-found\nUser=\n' }],
    ['there is no systemd', { stdout: '', code: null }],
    ['its owner lets it be root', { stdout: 'LoadState=loaded\nUser=root\n' }],
  ])('are not asked for where %s', async (_what, answer) => {
    expect(await look('/etc/group', answer)).toBeNull();
  });
});
