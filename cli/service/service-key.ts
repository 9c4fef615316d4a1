import { lchown, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { deviceKeyFile, loadDeviceKeys } from '../../agent/access/device-keys.ts';
import type { KeyPair } from '../../protocol/identity.ts';

/**
 * The device key of a service, made where there is none: the rights at a broker go by its id, so it is there before the first
 * start of the agent. It becomes its user's, to whom the package has given the folder.
 *
 * @throws where there is no folder: no service is installed yet
 */
export async function loadServiceKeys(stateDir: string): Promise<KeyPair> {
  const { uid, gid } = await stat(stateDir);
  const keys = await loadDeviceKeys(stateDir);
  // Never through a link, which whoever owns the folder could have put there.
  await lchown(join(stateDir, deviceKeyFile), uid, gid);
  return keys;
}
