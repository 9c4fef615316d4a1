import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from './config-environment.ts';

/** The configuration of the machine, which the service reads. */
export const systemConfigFile = '/etc/porthole/porthole.yaml';

/** The configuration of one user: `$XDG_CONFIG_HOME/porthole/porthole.yaml`. */
export function userConfigFile(env: Environment): string {
  return join(env.XDG_CONFIG_HOME || join(env.HOME || homedir(), '.config'), 'porthole/porthole.yaml');
}

/** The file that is read when none is named: the user's own where there is one, else that of the machine. */
export function defaultConfigFile(env: Environment): string {
  const own = userConfigFile(env);
  return existsSync(own) ? own : systemConfigFile;
}
