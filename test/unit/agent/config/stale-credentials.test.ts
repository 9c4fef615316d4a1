import { mkdir, mkdtemp, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { configSchema } from '../../../../agent/config/config-schema.ts';
import { findStaleCredentials } from '../../../../agent/config/stale-credentials.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'porthole-stale-'));
  await mkdir(join(folder, 'credentials'));
});
afterEach(() => rm(folder, { recursive: true }));

const startedAt = new Date(Date.now() - 60_000);

/** What systemd has copied at the start of the service, a minute ago. */
async function copyCredential(name: string, text: string): Promise<void> {
  const path = join(folder, 'credentials', name);
  await writeFile(path, text);
  await utimes(path, startedAt, startedAt);
}

function find(settings: object, env = { CREDENTIALS_DIRECTORY: join(folder, 'credentials') }) {
  const places = { name: 'x', stateDir: '/x', cacheDir: '/x', runtimeDir: '/x' };
  return findStaleCredentials(configSchema.parse({ ...places, ...settings }), env, folder);
}

describe('findStaleCredentials', () => {
  it('finds a file that was written after the service was started', async () => {
    await copyCredential('broker-password', 'old\n');
    const settings = { broker: { username: 'me', password: 'old' } };
    expect(await find(settings)).toEqual([]);
    await writeFile(join(folder, 'broker-password'), 'new\n');
    expect(await find(settings)).toEqual(['broker.password']);
    expect(await find({})).toEqual([]);
    expect(await find(settings, { CREDENTIALS_DIRECTORY: '' })).toEqual([]);
  });

  it('finds an older file that was moved into place, and the first one that there is', async () => {
    await copyCredential('turn-secret', '\n');
    await writeFile(join(folder, 'kept'), 'north\n');
    await utimes(join(folder, 'kept'), 1, 1);
    await rename(join(folder, 'kept'), join(folder, 'turn-secret'));
    expect(await find({ ice: { turn: { urls: ['turn:a:1'] } } })).toEqual(['ice.turn.secret']);
  });

  it('looks at the file that the configuration names', async () => {
    await copyCredential('other', 'old\n');
    const passwordFile = join(folder, 'other');
    await writeFile(passwordFile, 'new\n');
    // Completed by the secret, as a configuration is that was loaded.
    const config = configSchema.parse({ name: 'x', stateDir: '/x', cacheDir: '/x', runtimeDir: '/x' });
    const broker = { ...config.broker, username: 'me', password: 'old', passwordFile };
    const env = { CREDENTIALS_DIRECTORY: join(folder, 'credentials') };
    expect(await findStaleCredentials({ ...config, broker }, env, folder)).toEqual(['broker.password']);
  });

  it('does not look at the copy where the secret is set in another way', async () => {
    await copyCredential('broker-password', 'old\n');
    await writeFile(join(folder, 'broker-password'), 'new\n');
    expect(await find({ broker: { username: 'me', password: 'inline' } })).toEqual([]);
  });
});
