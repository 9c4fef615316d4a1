import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
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

/** Where files are when nothing else is said. */
export interface SecretFolders {
  /** Among the credentials that systemd loads, else beside the configuration. */
  standard: string;
  /** `$CREDENTIALS_DIRECTORY`: copies of files that root alone can read. */
  credentials: string | undefined;
}

/** Name of the file with the password at the broker, in the folder of the secrets. */
export const brokerPasswordFile = 'broker-password';
/** Name of the file with the secret of the TURN server there. */
export const turnSecretFile = 'turn-secret';

export function secretFolders(configFile: string, env: Environment): SecretFolders {
  const credentials = env.CREDENTIALS_DIRECTORY || undefined;
  return { standard: credentials ?? dirname(configFile), credentials };
}

/** Completes the configuration by the secrets that are in files of their own. */
export async function readSecrets(
  config: AgentConfig,
  folders: SecretFolders,
  layers: readonly ConfigLayer[],
): Promise<Result<AgentConfig, ConfigProblem[]>> {
  const { broker, ice } = config;
  const password = await readSecret(
    {
      value: broker.password,
      file: broker.passwordFile,
      fileSetting: ['broker', 'passwordFile'],
      defaultFile: join(folders.standard, brokerPasswordFile),
    },
    folders,
    layers,
  );
  const turnSecret = await readSecret(
    {
      value: ice.turn?.secret,
      file: ice.turn?.secretFile,
      fileSetting: ['ice', 'turn', 'secretFile'],
      defaultFile: join(folders.standard, turnSecretFile),
    },
    folders,
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
  { credentials }: SecretFolders,
  layers: readonly ConfigLayer[],
): Promise<Result<string | undefined, ConfigProblem>> {
  if (value !== undefined) return success(value);
  // Most have none, and a command like "porthole invite" needs none that it may not read.
  if (file === undefined) return success((await readFirstLine(defaultFile).catch(() => '')) || undefined);
  try {
    return success(await readFirstLine(file));
  } catch (error) {
    const credential = await readCredential(file, credentials);
    if (credential) return success(credential);
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    const origin = locateSetting(layers, fileSetting);
    return failure({ path: fileSetting.join('.'), origin, message: `${file} cannot be read (${code})` });
  }
}

/** The copy of a file that is root's alone, which systemd has named after it: `LoadCredential=NAME:/etc/porthole/NAME`. */
async function readCredential(file: string, folder: string | undefined): Promise<string> {
  if (folder === undefined) return '';
  // Empty where the machine has no such file: then a line break stands in for it.
  return readFirstLine(join(folder, basename(file))).catch(() => '');
}

/** What a file of a secret holds. */
export async function readFirstLine(path: string): Promise<string> {
  return (await readFile(path, 'utf8')).split(/\r?\n/)[0] ?? '';
}

function missingTurnSecret(layers: readonly ConfigLayer[]): ConfigProblem {
  return {
    path: 'ice.turn.secret',
    origin: locateSetting(layers, ['ice', 'turn']),
    message: 'is missing: give it here, in ice.turn.secretFile or in the file turn-secret beside the configuration',
  };
}
