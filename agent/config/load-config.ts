import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import { limits } from '../../protocol/limits.ts';
import { failure, type Result } from '../../protocol/result.ts';
import { checkAuthority } from './check-authority.ts';
import { configFileVariable, type Environment, readConfigEnvironment } from './config-environment.ts';
import { readConfigFile } from './config-file.ts';
import { type ConfigLayer, mergeLayers } from './config-layer.ts';
import { defaultConfigFile, homeFolder } from './config-paths.ts';
import { buildProblems, type ConfigProblem } from './config-problem.ts';
import { type AgentConfig, configSchema } from './config-schema.ts';
import { readSecrets, secretFolders } from './config-secrets.ts';
import { describeIssue } from './setting-words.ts';

export interface LoadConfigOptions {
  /** The file named on the command line. Else `$PORTHOLE_CONFIG`, else the default file when there is one. */
  file?: string;
  /** `process.env` of whoever calls. */
  env: Environment;
  /** Settings from the command line, nested like the configuration; undefined ones say nothing. */
  flags: Record<string, unknown>;
  /** Whoever calls looks into `broker.caFile`, and can say more of it. */
  hasOwnAuthorityCheck?: boolean;
  /** The file that is read when none is named, and that may be absent. Other in tests. */
  defaultFile?: string;
}

/** Puts together defaults, file, environment and command line, in this order, and reports all problems at once. */
export async function loadConfig(options: LoadConfigOptions): Promise<Result<AgentConfig, ConfigProblem[]>> {
  const { env, flags, defaultFile = defaultConfigFile(env) } = options;
  const named = options.file ?? (env[configFileVariable] || undefined);
  const fromFile = await readConfigFile(named ?? defaultFile, named === undefined);
  const fromEnvironment = readConfigEnvironment(env);
  const layers = [
    machineDefaults(env),
    fromFile.ok ? fromFile.value : emptyLayer,
    fromEnvironment.layer,
    { values: flags, locate: () => 'command line' },
  ];
  const values = mergeLayers(layers);
  if (values.stateDir === undefined) return failure([...(fromFile.ok ? [] : fromFile.error), noStateDir]);
  const parsed = configSchema.safeParse(withDerivedFolders(values, env), { error: describeIssue });
  const problems = [
    ...(fromFile.ok ? [] : fromFile.error),
    ...fromEnvironment.problems,
    ...(parsed.success ? [] : buildProblems(parsed.error, layers)),
  ];
  if (!parsed.success || problems.length > 0) return failure(problems);
  const folders = secretFolders(named ?? defaultFile, env);
  const complete = await readSecrets(withAbsolutePaths(parsed.data), folders, layers);
  const caFile = options.hasOwnAuthorityCheck ? undefined : parsed.data.broker.caFile;
  const authority = await checkAuthority(caFile, layers);
  return authority === null ? complete : failure([authority, ...(complete.ok ? [] : complete.error)]);
}

const emptyLayer: ConfigLayer = { values: {}, locate: () => '' };

const noStateDir: ConfigProblem = {
  path: 'stateDir',
  origin: 'default',
  message: 'must be set, with --state, PORTHOLE_STATE_DIR or in the file: this user has no home folder',
};

function machineDefaults(env: Environment): ConfigLayer {
  return {
    values: {
      name: hostname().slice(0, limits.nameMaxLength) || 'porthole',
      stateDir: systemdFolder(env.STATE_DIRECTORY) ?? userFolder(env, env.XDG_STATE_HOME, '.local/state'),
    },
    locate: () => 'default',
  };
}

function withDerivedFolders(values: Record<string, unknown>, env: Environment): Record<string, unknown> {
  const stateDir = typeof values.stateDir === 'string' ? values.stateDir : '';
  const runtimeDir = systemdFolder(env.RUNTIME_DIRECTORY) ?? join(stateDir, 'run');
  const cacheDir =
    systemdFolder(env.CACHE_DIRECTORY) ?? userFolder(env, env.XDG_CACHE_HOME, '.cache') ?? join(stateDir, 'cache');
  return { runtimeDir, cacheDir, ...values };
}

/** The folder of this program in one of the XDG base directories; undefined where that is not given and the user has no home. */
function userFolder(env: Environment, baseDir: string | undefined, below: string): string | undefined {
  if (baseDir) return join(baseDir, 'porthole');
  const home = homeFolder(env);
  return home === null ? undefined : join(home, below, 'porthole');
}

// systemd gives several folders with colons between them when a unit declares several; ours declares one.
function systemdFolder(variable: string | undefined): string | undefined {
  return variable?.split(':')[0] || undefined;
}

function withAbsolutePaths(config: AgentConfig): AgentConfig {
  const { stateDir, cacheDir, runtimeDir } = config;
  return { ...config, stateDir: resolve(stateDir), cacheDir: resolve(cacheDir), runtimeDir: resolve(runtimeDir) };
}
