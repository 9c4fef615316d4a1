import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from './config-environment.ts';

/** The configuration of the machine, which the service reads. */
export const systemConfigFile = '/etc/porthole/porthole.yaml';

/** Null for a user without one, as a container may have that was given nothing but a number for its user. */
export function homeFolder(env: Environment): string | null {
  if (env.HOME) return env.HOME;
  try {
    return homedir();
  } catch {
    return null;
  }
}

/** The configuration of one user: `$XDG_CONFIG_HOME/porthole/porthole.yaml`; that of the machine for a user without a home. */
export function userConfigFile(env: Environment): string {
  const home = homeFolder(env);
  if (!env.XDG_CONFIG_HOME && home === null) return systemConfigFile;
  return join(env.XDG_CONFIG_HOME || join(home ?? '', '.config'), 'porthole/porthole.yaml');
}

/** The file that is read when none is named: the user's own where there is one, else that of the machine. */
export function defaultConfigFile(env: Environment): string {
  const own = userConfigFile(env);
  return existsSync(own) ? own : systemConfigFile;
}
