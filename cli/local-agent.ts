import { join } from 'node:path';
import { callLocalAgent } from '../agent/commands/local-client.ts';
import { readAgentConfig } from './agent-config.ts';
import type { CommandInput } from './command-line.ts';

/** Runs a command on the agent of this machine, through its unix socket, as its owner. */
export async function callOwnAgent(input: CommandInput, method: string, params: object): Promise<unknown> {
  const { runtimeDir } = await readAgentConfig(input);
  return callLocalAgent(join(runtimeDir, 'agent.sock'), method, params);
}
