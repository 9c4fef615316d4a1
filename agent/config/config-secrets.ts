import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
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
  /** Name of a file in `$CREDENTIALS_DIRECTORY`, where systemd puts what the unit loads. */
  credential: string;
}

/** Completes the configuration by the secrets that are in files of their own, or in credentials of systemd. */
export async function readSecrets(
  config: AgentConfig,
  env: Environment,
  layers: readonly ConfigLayer[],
): Promise<Result<AgentConfig, ConfigProblem[]>> {
  const { broker, ice } = config;
  const password = await readSecret(
    {
      value: broker.password,
      file: broker.passwordFile,
      fileSetting: ['broker', 'passwordFile'],
      credential: 'broker-password',
    },
    env,
    layers,
  );
  const turnSecret = await readSecret(
    {
      value: ice.turn?.secret,
      file: ice.turn?.secretFile,
      fileSetting: ['ice', 'turn', 'secretFile'],
      credential: 'turn-secret',
    },
    env,
    layers,
  );
  const problems = [password, turnSecret].flatMap((read) => (read.ok ? [] : [read.error]));
  if (ice.turn && turnSecret.ok && !turnSecret.value) problems.push(missingTurnSecret(layers));
  if (!password.ok || !turnSecret.ok || problems.length > 0) return failure(problems);
  return success({
    ...config,
    broker: { ...broker, password: password.value },
    ice: { ...ice, turn: ice.turn && { ...ice.turn, secret: turnSecret.value } },
  });
}

async function readSecret(
  places: SecretPlaces,
  env: Environment,
  layers: readonly ConfigLayer[],
): Promise<Result<string | undefined, ConfigProblem>> {
  const { value, file, fileSetting, credential } = places;
  if (value !== undefined) return success(value);
  const folder = env.CREDENTIALS_DIRECTORY;
  const path = file ?? (folder ? join(folder, credential) : undefined);
  if (path === undefined) return success(undefined);
  try {
    return success((await readFile(path, 'utf8')).split(/\r?\n/)[0]);
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    if (file === undefined && code === 'ENOENT') return success(undefined);
    const origin = file === undefined ? 'CREDENTIALS_DIRECTORY' : locateSetting(layers, fileSetting);
    return failure({ path: fileSetting.join('.'), origin, message: `${path} cannot be read (${code})` });
  }
}

function missingTurnSecret(layers: readonly ConfigLayer[]): ConfigProblem {
  return {
    path: 'ice.turn.secret',
    origin: locateSetting(layers, ['ice', 'turn']),
    message: 'is missing: give it here, in ice.turn.secretFile or as the credential turn-secret',
  };
}
