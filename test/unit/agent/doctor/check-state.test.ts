import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadDeviceKeys } from '../../../../agent/access/device-keys.ts';
import { checkDisk, checkRuntimeFolder, checkState } from '../../../../agent/doctor/check-state.ts';
import { deriveId } from '../../../../protocol/identity.ts';

async function createFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'porthole-doctor-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

describe('the disk', () => {
  it.each([
    { freeBytes: 3_000_000, level: 'failure' },
    { freeBytes: 100_000_000, level: 'warning' },
    { freeBytes: 5_000_000_000, level: 'ok' },
  ])('is $level with $freeBytes bytes left', async ({ freeBytes, level }) => {
    const [room] = await checkDisk(await createFolder(), async () => freeBytes);
    expect(room).toMatchObject({ check: 'disk', level, details: { freeBytes } });
  });

  it('is looked at above a folder that is not there yet', async () => {
    const folder = await createFolder();
    const [room, writable] = await checkDisk(join(folder, 'state/porthole'));
    expect(room).toMatchObject({ check: 'disk', details: { folder } });
    expect(writable).toMatchObject({ check: 'state-folder', level: 'ok' });
  });

  it('is seen to be read-only', async () => {
    // The kernel's own: nobody, root included, may write there.
    const [, writable] = await checkDisk('/proc/sys/kernel/porthole');
    expect(writable).toMatchObject({
      check: 'state-folder',
      level: 'failure',
      advice: expect.stringContaining('stateDir'),
    });
  });
});

describe('the state', () => {
  it('tells the device id', async () => {
    const folder = await createFolder();
    const deviceId = deriveId((await loadDeviceKeys(folder)).publicKey);
    expect(await checkState(folder)).toMatchObject({ deviceId, findings: [{ check: 'state', level: 'ok' }] });
  });

  it('makes no key where there is none', async () => {
    const folder = await createFolder();
    const first = await checkState(folder);
    expect(first).toMatchObject({ deviceId: null, findings: [{ check: 'state', level: 'skipped' }] });
    expect(await checkState(folder)).toEqual(first);
  });

  it('is not safe when others may read the key', async () => {
    const folder = await createFolder();
    await loadDeviceKeys(folder);
    await chmod(join(folder, 'device.key'), 0o644);
    const { deviceId, findings } = await checkState(folder);
    expect(deviceId).toBeNull();
    expect(findings[0]).toMatchObject({ check: 'state', level: 'failure', details: { code: 'exposed' } });
    expect(findings[0]?.message).toMatch(/\(mode 0644\)\.$/);
    expect(findings[0]?.advice).toContain('chmod 600');
  });

  it.each(['device.key', 'access.json'])('is no good with a damaged %s', async (name) => {
    const folder = await createFolder();
    await writeFile(join(folder, name), '{"version":1,', { mode: 0o600 });
    const { findings } = await checkState(folder);
    const [trouble] = findings.filter(({ level }) => level === 'failure');
    expect(trouble).toMatchObject({ check: 'state', message: expect.stringContaining('is damaged') });
    expect(trouble?.advice).toContain('backup');
  });
});

it('warns of a runtime folder whose socket would have too long a path', () => {
  expect(checkRuntimeFolder('/run/porthole')).toEqual([]);
  expect(checkRuntimeFolder(`/tmp/${'x'.repeat(100)}`)).toMatchObject([{ check: 'runtime-folder', level: 'failure' }]);
});
