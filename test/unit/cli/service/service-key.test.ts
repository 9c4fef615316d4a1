import { chown, mkdtemp, readlink, rm, stat, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadServiceKeys } from '../../../../cli/service/service-key.ts';

const nobody = 65_534;

async function tempDir(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'porthole-key-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

describe('loadServiceKeys', () => {
  it('makes no folder: without one there is no service', async () => {
    await expect(loadServiceKeys('/nowhere/porthole')).rejects.toThrow('ENOENT');
  });

  it.skipIf(process.getuid?.() !== 0)('gives the key to the owner of the folder (needs root)', async () => {
    const folder = await tempDir();
    await chown(folder, nobody, nobody);
    const keys = await loadServiceKeys(folder);
    expect(await stat(join(folder, 'device.key'))).toMatchObject({ uid: nobody, gid: nobody });
    expect(await loadServiceKeys(folder)).toEqual(keys);
  });

  it.skipIf(process.getuid?.() !== 0)('gives away no file that a link leads to (needs root)', async () => {
    const [folder, elsewhere] = [await tempDir(), await tempDir()];
    await loadServiceKeys(elsewhere);
    await chown(folder, nobody, nobody);
    await symlink(join(elsewhere, 'device.key'), join(folder, 'device.key'));
    await loadServiceKeys(folder).catch(() => null);
    expect(await readlink(join(folder, 'device.key'))).toBe(join(elsewhere, 'device.key'));
    expect(await stat(join(elsewhere, 'device.key'))).toMatchObject({ uid: 0 });
  });
});
