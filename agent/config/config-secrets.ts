import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { failure, type Result, success } from '../../protocol/result.ts';
import type { Environment } from './config-environment.ts';
import { type ConfigLayer, locateSetting } from './config-layer.ts';
import type { ConfigProblem } from './config-problem.ts';
import type { AgentConfig } from './config-schema.ts';

/** Where a secret may come from, in the order in which it is looked for. */
interface SecretPlaces {
  value: string | undefined;
  file: string | undefined;
  /** The setting that names the file, as `['broker', 'passwordFile']`. */
  fileSetting: string[];
  /** Where it is when nothing is said. */
  defaultFile: string;
}

/** Name of the file with the password at the broker, in the folder of the secrets. */
export const brokerPasswordFile = 'broker-password';

/** Where secrets are when nothing is said: among the credentials that systemd loads, else beside the configuration. */
export function secretsFolder(configFile: string, env: Environment): string {
  return env.CREDENTIALS_DIRECTORY || dirname(configFile);
}

/** Completes the configuration by the secrets that are in files of their own. */
export async function readSecrets(
  config: AgentConfig,
  folder: string,
  layers: readonly ConfigLayer[],
): Promise<Result<AgentConfig, ConfigProblem[]>> {
  const { broker, ice } = config;
  const password = await readSecret(
    {
      value: broker.password,
      file: broker.passwordFile,
      fileSetting: ['broker', 'passwordFile'],
      defaultFile: join(folder, brokerPasswordFile),
    },
    layers,
  );
  const turnSecret = await readSecret(
    {
      value: ice.turn?.secret,
      file: ice.turn?.secretFile,
      fileSetting: ['ice', 'turn', 'secretFile'],
      defaultFile: join(folder, 'turn-secret'),
    },
    layers,
  );
  const problems = [password, turnSecret].flatMap((read) => (read.ok ? [] : [read.error]));
  if (ice.turn && turnSecret.ok && !turnSecret.value) problems.push(missingTurnSecret(layers));
  if (!password.ok || !turnSecret.ok || problems.length > 0) return failure(problems);
  return success({
    ...config,
    // One that is left from another broker, without a user name, would make a broker hang up (MQTT 3.1.1, 3.1.2.9).
    broker: { ...broker, password: broker.username === undefined ? undefined : password.value },
    ice: { ...ice, turn: ice.turn && { ...ice.turn, secret: turnSecret.value } },
  });
}

async function readSecret(
  { value, file, fileSetting, defaultFile }: SecretPlaces,
  layers: readonly ConfigLayer[],
): Promise<Result<string | undefined, ConfigProblem>> {
  if (value !== undefined) return success(value);
  const path = file ?? defaultFile;
  try {
    const secret = (await readFile(path, 'utf8')).split(/\r?\n/)[0];
    return success(file === undefined ? secret || undefined : secret);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    // Most have none, and a command like "porthole invite" needs none that it may not read.
    if (file === undefined) return success(undefined);
    const origin = locateSetting(layers, fileSetting);
    return failure({ path: fileSetting.join('.'), origin, message: `${path} cannot be read (${code})` });
  }
}

function missingTurnSecret(layers: readonly ConfigLayer[]): ConfigProblem {
  return {
    path: 'ice.turn.secret',
    origin: locateSetting(layers, ['ice', 'turn']),
    message: 'is missing: give it here, in ice.turn.secretFile or in the file turn-secret beside the configuration',
  };
}
