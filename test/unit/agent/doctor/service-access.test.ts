import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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

function look(groupFile: string, { stdout = unit, isRoot = true, code = 0 as number | null } = {}) {
  const systemctl = async () => ({ code, stdout, isMissing: code === null, isTimedOut: false });
  return findServiceAccess({ isRoot, systemctl, groupFile });
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

  it.each([
    ['whoever looks is not root', { isRoot: false }],
    ['there is no service', { stdout: 'LoadState=not-found\nUser=\n' }],
    ['there is no systemd', { stdout: '', code: null }],
    ['its owner lets it be root', { stdout: 'LoadState=loaded\nUser=root\n' }],
  ])('are not asked for where %s', async (_what, answer) => {
    expect(await look('/etc/group', answer)).toBeNull();
  });
});
