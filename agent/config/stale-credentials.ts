import { stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Environment } from './config-environment.ts';
import { systemConfigFile } from './config-paths.ts';
import type { AgentConfig } from './config-schema.ts';
import { brokerPasswordFile, readFirstLine, turnSecretFile } from './config-secrets.ts';

/**
 * The settings whose secret comes from a credential that systemd has copied at the start of the service, and whose file has changed
 * since: a reload reads the same copy again. That the file may not be read does not matter here.
 *
 * @param folder where the unit loads the files from
 * @returns such as `broker.password`
 */
export async function findStaleCredentials(
  { broker, ice }: AgentConfig,
  env: Environment,
  folder = dirname(systemConfigFile),
): Promise<string[]> {
  const credentials = env.CREDENTIALS_DIRECTORY;
  if (!credentials) return [];
  const places = [
    {
      setting: 'broker.password',
      isUsed: broker.username !== undefined,
      value: broker.password,
      file: broker.passwordFile ?? join(folder, brokerPasswordFile),
    },
    {
      setting: 'ice.turn.secret',
      isUsed: ice.turn !== undefined,
      value: ice.turn?.secret,
      file: ice.turn?.secretFile ?? join(folder, turnSecretFile),
    },
  ];
  const used = places.filter(({ isUsed }) => isUsed);
  const isStale = await Promise.all(
    used.map(({ file, value }) => hasChanged(file, join(credentials, basename(file)), value)),
  );
  return used.filter((_, index) => isStale[index]).map(({ setting }) => setting);
}

async function hasChanged(file: string, credential: string, value = ''): Promise<boolean> {
  try {
    const [source, copy] = await Promise.all([stat(file), stat(credential)]);
    // The time of change and not that of writing, which a file that is moved into place brings along.
    if (source.ctimeMs <= copy.mtimeMs) return false;
    // Where it is set in another way, the copy is of no interest.
    return (await readFirstLine(credential)) === value;
  } catch {
    return false;
  }
}
