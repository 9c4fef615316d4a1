import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Folders of an agent that systemd started, which no configuration and no environment of a shell tells. */
export const serviceStateDir = '/var/lib/porthole';
export const serviceRuntimeDir = '/run/porthole';

const unitFolders = ['/etc/systemd/system', '/usr/lib/systemd/system', '/lib/systemd/system'];

/** Whether systemd knows the agent, by the package or by `porthole service install`. */
export function isServiceInstalled(): boolean {
  return unitFolders.some((folder) => existsSync(join(folder, 'porthole.service')));
}
