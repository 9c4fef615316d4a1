import { expect, it, vi } from 'vitest';
import { defaultConfigFile, systemConfigFile } from '../../../../agent/config/config-paths.ts';
import { formatConfigProblem } from '../../../../agent/config/config-problem.ts';
import { loadConfig } from '../../../../agent/config/load-config.ts';

// As for a user that has neither HOME nor an entry in the passwd file.
vi.mock('node:os', async (importOriginal) => ({
  ...(await importOriginal<typeof import('node:os')>()),
  homedir: () => {
    throw new Error('uv_os_homedir returned ENOENT');
  },
}));

const load = (env: Record<string, string>, flags = {}) => loadConfig({ env, flags });

it('needs no home folder where the state folder is known', async () => {
  expect(await load({}, { stateDir: '/data' })).toMatchObject({
    value: { stateDir: '/data', runtimeDir: '/data/run', cacheDir: '/data/cache' },
  });
  expect(await load({ STATE_DIRECTORY: '/var/lib/porthole' })).toMatchObject({
    value: { cacheDir: '/var/lib/porthole/cache' },
  });
  expect(await load({ PORTHOLE_STATE_DIR: '/data' })).toMatchObject({ ok: true });
});

it('says what to set where it is not', async () => {
  const loaded = await load({});
  expect(loaded.ok ? [] : loaded.error.map(formatConfigProblem)).toEqual([
    expect.stringMatching(/stateDir: must be set.*PORTHOLE_STATE_DIR/),
  ]);
});

it('reads the configuration of the machine', () => {
  expect(defaultConfigFile({})).toBe(systemConfigFile);
});
