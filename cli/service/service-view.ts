import { existsSync } from 'node:fs';
import { systemConfigFile } from '../../agent/config/config-paths.ts';
import { configFileInUse, findClosedServiceFile } from '../agent-config.ts';
import type { CommandInput } from '../command-line.ts';
import { serviceRuntimeDir, serviceStateDir } from './service-paths.ts';

/** How far the service is what a command looks at, which runs outside of it. */
export interface ServiceView {
  /** Whether its configuration is the one in use, and open to this user. */
  isService: boolean;
  /** Its configuration, where that is the one in use and closed to this user. */
  closedFile: string | null;
  /** What the service would see, or the caller's own. */
  env: CommandInput['env'];
  /** Where the socket of its agent may be; empty where another one is meant. */
  runtimeDirs: string[];
}

const serviceFolders = {
  STATE_DIRECTORY: serviceStateDir,
  RUNTIME_DIRECTORY: serviceRuntimeDir,
  CREDENTIALS_DIRECTORY: '/run/credentials/porthole.service',
};

/**
 * Tells the service from an agent that a user runs beside it, by the configuration and the state folder that are named.
 *
 * @param file its configuration, and `folders` what systemd tells it, which the environment of a shell does not; others in tests
 */
export async function findServiceView(
  { flags, env }: Pick<CommandInput, 'flags' | 'env'>,
  { file = systemConfigFile, folders = serviceFolders }: { file?: string; folders?: typeof serviceFolders } = {},
): Promise<ServiceView> {
  const isOther =
    flags.text('state') !== undefined ||
    Boolean(env.PORTHOLE_STATE_DIR) ||
    configFileInUse({ flags, env }) !== file ||
    !existsSync(folders.STATE_DIRECTORY);
  const closedFile = await findClosedServiceFile({ flags, env }, file);
  const isService = !isOther && closedFile === null;
  const runtimeDirs = isService || closedFile !== null ? [folders.RUNTIME_DIRECTORY] : [];
  return { isService, closedFile, env: isService ? { ...existing(folders), ...env } : env, runtimeDirs };
}

/** Credentials are there while the service runs; until then the secrets are beside the configuration. */
function existing({ CREDENTIALS_DIRECTORY, ...others }: typeof serviceFolders): CommandInput['env'] {
  return existsSync(CREDENTIALS_DIRECTORY) ? { CREDENTIALS_DIRECTORY, ...others } : others;
}
