import { loadDeviceKeys } from '../../agent/access/device-keys.ts';
import { deriveId, type KeyPair } from '../../protocol/identity.ts';
import { configFlags, isOtherAgent, readAgentConfig } from '../agent-config.ts';
import type { CliCommand, CommandInput } from '../command-line.ts';
import { CliError, exitCode } from '../exit-code.ts';
import { loadServiceKeys } from '../service/service-key.ts';
import { isServiceInstalled, serviceStateDir } from '../service/service-paths.ts';

export const idCommand: CliCommand = {
  name: 'id',
  usage: '',
  title: 'Prints the id of this device, its user name at most brokers. Makes its key where there is none.',
  positionals: [0, 0],
  flags: configFlags,
  async run(input: CommandInput) {
    console.log(deriveId((await loadKeys(input)).publicKey));
    return exitCode.done;
  },
};

/** Of the service where there is one, unless the agent of other folders is meant. */
async function loadKeys(input: CommandInput): Promise<KeyPair> {
  if (!isServiceInstalled() || isOtherAgent(input)) return loadDeviceKeys((await readAgentConfig(input)).stateDir);
  if (process.getuid?.() === 0) return loadServiceKeys(serviceStateDir);
  throw new CliError(
    exitCode.usage,
    'Only root may read the key of the service: "sudo porthole id". For an agent of your own, name its --state.',
  );
}
