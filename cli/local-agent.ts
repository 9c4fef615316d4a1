import { existsSync } from 'node:fs';
import { callLocalAgent, LocalClientError } from '../agent/commands/local-client.ts';
import { localSocketPath } from '../agent/commands/local-socket-path.ts';
import { findClosedServiceFile, readAgentConfig } from './agent-config.ts';
import type { CommandInput } from './command-line.ts';
import { CliError, exitCode } from './exit-code.ts';
import { isServiceInstalled, serviceRuntimeDir } from './service/service-paths.ts';

/**
 * Runs a command on the agent of this machine, through its unix socket, as its owner.
 *
 * @throws CliError or LocalClientError when it cannot be reached, RpcError when the agent itself refuses
 */
export async function callOwnAgent(input: CommandInput, method: string, params: object): Promise<unknown> {
  const closedFile = await findClosedServiceFile(input);
  const { runtimeDir } = await readAgentConfig(input, {}, closedFile);
  const paths = [runtimeDir, serviceRuntimeDir].map(localSocketPath);
  const path = paths.find((candidate) => existsSync(candidate));
  if (path === undefined && closedFile !== null) {
    throw new CliError(
      exitCode.refused,
      'No agent of this user runs here. For that of the service, run this with sudo.',
    );
  }
  try {
    return await callLocalAgent(path ?? localSocketPath(runtimeDir), method, params);
  } catch (error) {
    throw isSilentService(error, input) ? serviceDown : error;
  }
}

const serviceDown = new CliError(
  exitCode.notReachable,
  'The service does not run. Start it: "sudo systemctl start porthole". Why it does not: "sudo porthole doctor".',
);

/** Who names folders means another agent than the service. */
function isSilentService(error: unknown, { flags }: CommandInput): boolean {
  const isNamed = flags.text('state') !== undefined || flags.text('config') !== undefined;
  return error instanceof LocalClientError && error.code === 'not-running' && !isNamed && isServiceInstalled();
}
