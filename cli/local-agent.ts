import { existsSync } from 'node:fs';
import { callLocalAgent } from '../agent/commands/local-client.ts';
import { localSocketPath } from '../agent/commands/local-socket-path.ts';
import { readAgentConfig } from './agent-config.ts';
import type { CommandInput } from './command-line.ts';

/** Where an agent that systemd started has its socket, which no configuration of this shell knows of. */
const serviceRuntimeDir = '/run/porthole';

/** Runs a command on the agent of this machine, through its unix socket, as its owner. */
export async function callOwnAgent(input: CommandInput, method: string, params: object): Promise<unknown> {
  const { runtimeDir } = await readAgentConfig(input);
  const paths = [runtimeDir, serviceRuntimeDir].map(localSocketPath);
  const path = paths.find((candidate) => existsSync(candidate)) ?? localSocketPath(runtimeDir);
  return callLocalAgent(path, method, params);
}
