import { open } from 'node:fs/promises';
import { configFileVariable } from '../agent/config/config-environment.ts';
import { defaultConfigFile, systemConfigFile, userConfigFile } from '../agent/config/config-paths.ts';
import { formatConfigProblem } from '../agent/config/config-problem.ts';
import type { AgentConfig } from '../agent/config/config-schema.ts';
import { loadConfig } from '../agent/config/load-config.ts';
import { type CameraSource, describeSource, parseCameraSource } from '../agent/sources/camera-source.ts';
import { limits } from '../protocol/limits.ts';
import type { CommandInput, FlagSpec } from './command-line.ts';
import { CliError, exitCode } from './exit-code.ts';

/** Flags of every command that runs or talks to the agent on this machine. */
export const configFlags = {
  config: {
    type: 'string',
    value: 'FILE',
    help: 'Configuration (YAML). Default: $PORTHOLE_CONFIG, else ~/.config/porthole/porthole.yaml, else /etc/porthole/porthole.yaml.',
  },
  state: { type: 'string', value: 'DIR', help: 'Folder for the device key and the list of viewers.' },
} satisfies Record<string, FlagSpec>;

/** Flags of the commands that run an agent. */
export const agentFlags = {
  ...configFlags,
  camera: {
    type: 'string',
    value: 'SOURCE',
    help: 'test, file:PATH (a FIFO with y4m is live), /dev/videoN, rpicam or rtsp://…',
  },
  name: { type: 'string', value: 'NAME', help: 'What viewers see. Default: the host name.' },
  'log-level': { type: 'string', value: 'LEVEL', help: 'debug, info, warn, error or silent.' },
} satisfies Record<string, FlagSpec>;

/** Who names folders means another agent than the service. */
export function isOtherAgent({ flags }: Pick<CommandInput, 'flags'>): boolean {
  return flags.text('state') !== undefined || flags.text('config') !== undefined;
}

/** The configuration that such a command reads. */
export function configFileInUse({ flags, env }: Pick<CommandInput, 'flags' | 'env'>): string {
  return flags.text('config') ?? (env[configFileVariable] || defaultConfigFile(env));
}

/**
 * The file that is read when none is named, where that is the service's and not for this user to read: its settings are not
 * needed to run something else beside it.
 */
export async function findClosedServiceFile(
  input: Pick<CommandInput, 'flags' | 'env'>,
  serviceFile = systemConfigFile,
): Promise<string | null> {
  const file = configFileInUse(input);
  if (file !== serviceFile) return null;
  try {
    await (await open(file)).close();
    return null;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES' ? file : null;
  }
}

/**
 * The whole configuration.
 *
 * @param closedFile the one of {@link findClosedServiceFile}, to do without it
 * @throws CliError that lists every problem
 */
export async function readAgentConfig(
  { flags, env }: Pick<CommandInput, 'flags' | 'env'>,
  overrides: Record<string, unknown> = {},
  closedFile: string | null = null,
): Promise<AgentConfig> {
  const camera = flags.text('camera');
  const source = camera === undefined ? null : parseCameraSource(camera);
  if (source && !source.ok) throw new CliError(exitCode.usage, `--camera ${source.error}.`);
  const loaded = await loadConfig({
    // A file that is named must be there; the one of a user may be absent, and is here.
    ...(closedFile === null ? { file: flags.text('config') } : { defaultFile: userConfigFile(env) }),
    env: closedFile === null ? env : { ...env, [configFileVariable]: undefined },
    flags: {
      stateDir: flags.text('state'),
      name: flags.text('name'),
      log: { level: flags.text('log-level') },
      cameras: source === null ? undefined : [{ source: camera, name: buildCameraName(source.value) }],
      ...overrides,
    },
  });
  if (loaded.ok) return loaded.value;
  const problems = loaded.error.map((problem) => `  ${formatConfigProblem(problem)}`);
  throw new CliError(exitCode.usage, ['The configuration cannot be used:', ...problems].join('\n'));
}

/** What viewers see: the last part of a path, or the host of an address, since all else in one may hold credentials. */
export function buildCameraName(source: CameraSource): string {
  if (source.kind === 'test') return 'Test pattern';
  const name =
    source.kind === 'rtsp' ? new URL(source.url).hostname : describeSource(source).split('/').findLast(Boolean);
  return name?.slice(0, limits.nameMaxLength) || 'Camera';
}
