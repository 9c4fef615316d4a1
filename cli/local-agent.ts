import { existsSync } from 'node:fs';
import { callLocalAgent, LocalClientError } from '../agent/commands/local-client.ts';
import { isSocketHidden, localSocketPath } from '../agent/commands/local-socket-path.ts';
import { findClosedServiceFile, isOtherAgent, readAgentConfig } from './agent-config.ts';
import type { CommandInput } from './command-line.ts';
import { CliError, exitCode } from './exit-code.ts';
import { isServiceInstalled, serviceRuntimeDir } from './service/service-paths.ts';

/**
 * Runs a command on the agent of this machine, through its unix socket, as its owner.
 *
 * @param serviceDir where the service has its socket; another in tests
 * @throws CliError or LocalClientError when it cannot be reached, RpcError when the agent itself refuses
 */
export async function callOwnAgent(
  input: Pick<CommandInput, 'flags' | 'env'>,
  method: string,
  params: object,
  serviceDir = serviceRuntimeDir,
): Promise<unknown> {
  const closedFile = await findClosedServiceFile(input);
  const { runtimeDir } = await readAgentConfig(input, {}, closedFile);
  const [own, service] = [localSocketPath(runtimeDir), localSocketPath(serviceDir)];
  const path = [own, service].find((candidate) => existsSync(candidate));
  if (path === undefined && (closedFile !== null || (isSocketHidden(service) && !isOtherAgent(input)))) throw notOurs;
  try {
    return await callLocalAgent(path ?? own, method, params);
  } catch (error) {
    const isSilent = error instanceof LocalClientError && error.code === 'not-running';
    throw isSilent && !isOtherAgent(input) && isServiceInstalled() ? serviceDown : error;
  }
}

const notOurs = new CliError(
  exitCode.refused,
  'No agent of this user runs here. For that of the service, run this with sudo.',
);

const serviceDown = new CliError(
  exitCode.notReachable,
  'The service does not run. Start it: "sudo systemctl start porthole"; before its first start, "sudo porthole setup". Why it does not: "sudo porthole doctor".',
);
