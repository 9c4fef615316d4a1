import { callLocalAgent } from '../agent/commands/local-client.ts';
import { localSocketPath } from '../agent/commands/local-socket-path.ts';
import { readAgentConfig } from './agent-config.ts';
import type { CommandInput } from './command-line.ts';

/** Runs a command on the agent of this machine, through its unix socket, as its owner. */
export async function callOwnAgent(input: CommandInput, method: string, params: object): Promise<unknown> {
  const { runtimeDir } = await readAgentConfig(input);
  return callLocalAgent(localSocketPath(runtimeDir), method, params);
}
