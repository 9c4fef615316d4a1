import { dirname, join } from 'node:path';
import { systemConfigFile } from '../config/config-paths.ts';
import type { AgentConfig } from '../config/config-schema.ts';
import { brokerPasswordFile, turnSecretFile } from '../config/config-secrets.ts';
import { type Finding, failed } from './finding.ts';
import type { ServiceAccess } from './service-access.ts';

/** systemd reads them as root, and hands the service a copy: LoadCredential in porthole.service. */
const credentialFiles = [brokerPasswordFile, turnSecretFile].map((name) => join(dirname(systemConfigFile), name));

/**
 * The files that the configuration names and the service would fail for. Those of cameras are left to their own check.
 *
 * @param configFile the configuration itself
 */
export async function checkServiceFiles(
  { broker, ice }: Pick<AgentConfig, 'broker' | 'ice'>,
  configFile: string | undefined,
  service: ServiceAccess,
): Promise<Finding[]> {
  const files = [
    ['the configuration', configFile],
    ['broker.caFile', broker.caFile],
    ['broker.passwordFile', broker.passwordFile],
    ['ice.turn.secretFile', ice.turn?.secretFile],
  ] as const;
  const findings = await Promise.all(
    files.map(async ([what, path]) => {
      const isOpened = path !== undefined && !credentialFiles.includes(path);
      const obstacle = isOpened ? await service.findObstacle(path) : null;
      if (obstacle === null) return [];
      const { verb, advice } = obstacle;
      return [failed('config', `The service ${verb} ${path} (${what}).`, advice, { path, fault: 'permission' })];
    }),
  );
  return findings.flat();
}
