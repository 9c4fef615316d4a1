import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { Flags } from '../../../cli/command-line.ts';
import { callOwnAgent } from '../../../cli/local-agent.ts';
import { makeClosedFolder } from '../../helpers/closed-folder.ts';

/** The home of a user with a configuration. */
function makeHome(): string {
  const home = mkdtempSync(join(tmpdir(), 'porthole-home-'));
  onTestFinished(() => rmSync(home, { recursive: true }));
  chmodSync(home, 0o755);
  const file = join(home, '.config/porthole/porthole.yaml');
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, '');
  return home;
}

function call(home: string, serviceDir: string, flags: Record<string, string> = {}): Promise<unknown> {
  const input = { flags: new Flags(flags), env: { HOME: home } };
  return callOwnAgent(input, 'device.status', {}, serviceDir);
}

describe('an agent that this user does not have', () => {
  it('may be that of the service, whose folder is closed to this user', async () => {
    const home = makeHome();
    await expect(call(home, makeClosedFolder())).rejects.toThrow(/No agent of this user runs here.*with sudo/);
  });

  it('is not that of the service where its folder is named', async () => {
    const home = makeHome();
    const state = join(home, 'state');
    await expect(call(home, makeClosedFolder(), { state })).rejects.toThrow(`No agent answers on ${state}/run`);
  });
});
