import { join } from 'node:path';
import { loadKeyPair } from '../agent/access/device-keys.ts';
import { SessionError, type SessionErrorCode } from '../protocol/errors.ts';
import { parseLink } from '../protocol/link.ts';
import { PortholeClient } from '../viewer/client/porthole-client.ts';
import type { ConnectStep } from '../viewer/client/viewer-status.ts';
import type { CommandInput, FlagSpec } from './command-line.ts';
import { CliError, exitCode } from './exit-code.ts';
import { headlessPlatform } from './headless/headless-platform.ts';

/** Flags of the commands that act as a viewer. */
export const viewerFlags = {
  identity: {
    type: 'string',
    value: 'FILE',
    help: 'Key of this viewer, made when absent. Default: in the state folder of the user.',
  },
  label: {
    type: 'string',
    value: 'TEXT',
    help: "What this viewer is called in the device's list. Default: porthole command.",
  },
  timeout: { type: 'string', value: 'SECONDS', help: 'How long to try to connect. Default 20.' },
} satisfies Record<string, FlagSpec>;

/** What it means that the time is over while nothing has gone wrong yet. */
const silentStep: Record<ConnectStep, SessionErrorCode> = {
  broker: 'broker-unreachable',
  device: 'device-silent',
  path: 'connect-timeout',
};

/**
 * Opens a session with the device of a link, for a command that uses it once.
 * @throws SessionError what stood in the way last, CliError for a broken link
 */
export async function openViewer(
  input: CommandInput,
  link: string,
  cameras: string[] | undefined,
): Promise<PortholeClient> {
  const parsed = parseLink(link);
  if (!parsed.ok) throw new CliError(exitCode.usage, parsed.error);
  const keys = await loadKeyPair(input.flags.text('identity') ?? defaultIdentityPath(input.env));
  const label = input.flags.text('label') ?? 'porthole command';
  const client = new PortholeClient({ link: parsed.value, keys, platform: headlessPlatform, label, cameras });
  const timeoutMs = 1000 * (input.flags.integer('timeout', { min: 1, max: 3600 }) ?? 20);
  try {
    await connected(client, timeoutMs, input.signal);
  } catch (error) {
    await client.disconnect();
    throw error;
  }
  return client;
}

function connected(client: PortholeClient, timeoutMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const finish = (error?: Error) => {
      clearTimeout(timer);
      stop();
      signal.removeEventListener('abort', onAbort);
      if (error) reject(error);
      else resolve();
    };
    const onAbort = () => finish(new CliError(exitCode.failed, 'Interrupted.'));
    const onLate = () => finish(new SessionError(client.status.error ?? silentStep[client.status.step ?? 'broker']));
    const timer = setTimeout(onLate, timeoutMs);
    const stop = client.events.on('status', (status) => {
      if (status.state === 'connected') finish();
      if (status.state === 'failed') finish(new SessionError(status.error ?? 'internal'));
    });
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
    else client.connect();
  });
}

function defaultIdentityPath(env: CommandInput['env']): string {
  const home = env.XDG_STATE_HOME || join(env.HOME ?? '.', '.local/state');
  return join(home, 'porthole', 'viewer.key');
}
