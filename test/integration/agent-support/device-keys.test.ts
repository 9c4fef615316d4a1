import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadDeviceKeys } from '../../../agent/access/device-keys.ts';
import { StateFileError } from '../../../agent/access/state-file.ts';

let stateDir: string;
let path: string;
beforeEach(async () => {
  stateDir = join(await mkdtemp(join(tmpdir(), 'porthole-keys-')), 'state');
  path = join(stateDir, 'device.key');
});
afterEach(() => rm(join(stateDir, '..'), { recursive: true }));

async function codeOfFailure(): Promise<string> {
  const error = await loadDeviceKeys(stateDir).catch((caught: unknown) => caught);
  if (!(error instanceof StateFileError)) throw new Error(`expected a StateFileError, got ${String(error)}`);
  expect(error.message).toContain(path);
  return error.code;
}

describe('loadDeviceKeys', () => {
  it('makes a key for its owner alone, and finds it again', async () => {
    const keys = await loadDeviceKeys(stateDir);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(stateDir)).mode & 0o777).toBe(0o700);
    expect(await loadDeviceKeys(stateDir)).toEqual(keys);
    expect(await readdir(stateDir)).toEqual(['device.key']);
  });

  it('gives processes that start at the same time the same key', async () => {
    const loaded = await Promise.all(Array.from({ length: 8 }, () => loadDeviceKeys(stateDir)));
    for (const keys of loaded) expect(keys).toEqual(loaded[0]);
    expect(await readdir(stateDir)).toEqual(['device.key']);
  });

  it.each([0o640, 0o604, 0o622])('refuses a key file of mode %o', async (mode) => {
    await loadDeviceKeys(stateDir);
    await chmod(path, mode);
    expect(await codeOfFailure()).toBe('exposed');
  });

  it('refuses a damaged file and leaves it as it is', async () => {
    await loadDeviceKeys(stateDir);
    const good = await readFile(path, 'utf8');
    const { privateKey } = JSON.parse(good) as { privateKey: string };
    const changedKey = (privateKey[5] === 'A' ? 'B' : 'A') + privateKey.slice(6);
    const damaged = [
      '',
      '{',
      good.slice(0, 60),
      good.replace(privateKey.slice(5), changedKey),
      '{"version":2}',
      'null',
    ];
    for (const content of damaged) {
      await writeFile(path, content);
      expect(await codeOfFailure()).toBe('corrupted');
      expect(await readFile(path, 'utf8')).toBe(content);
    }
  });

  it('says so when it cannot read or write', async () => {
    await writeFile(stateDir, 'a file where the folder should be');
    expect(await codeOfFailure()).toBe('unreadable');
  });
});
