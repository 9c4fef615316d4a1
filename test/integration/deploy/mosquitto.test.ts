import { describe } from 'vitest';
import { type DeployedBroker, describeDeployedBroker } from '../../helpers/deploy-contract.ts';
import { DeployFolder, DeployProgram, findFreePorts, isInstalled, runProgram } from '../../helpers/deploy-program.ts';

describe.runIf(isInstalled('mosquitto', 'mosquitto'))('Mosquitto with the shipped files', () => {
  describeDeployedBroker(startMosquitto);
});

async function startMosquitto(): Promise<DeployedBroker> {
  const folder = await DeployFolder.create();
  const certs = folder.createCertificates();
  const [agentPort, viewerPort] = (await findFreePorts(2)) as [number, number];
  const passwords = folder.in('passwords');
  const addAccount = await folder.copy('mosquitto/add-account.sh', 'add-account.sh', {
    '/etc/mosquitto/porthole.passwords': passwords,
  });
  const acl = await folder.copy('mosquitto/porthole.acl', 'acl');
  const config = await folder.copy('mosquitto/porthole.conf', 'porthole.conf', {
    '/etc/mosquitto/porthole.passwords': passwords,
    '/etc/mosquitto/porthole.acl': acl,
    '/etc/mosquitto/certs': certs,
    'listener 8883': `listener ${agentPort} 127.0.0.1`,
    'listener 8884': `listener ${viewerPort} 127.0.0.1`,
  });
  const run = async () => {
    const program = new DeployProgram('mosquitto', ['-c', config]);
    await program.untilListening([agentPort, viewerPort]);
    return program;
  };
  runProgram('touch', [passwords]);
  let program = await run();
  return {
    agentPort,
    viewerPort,
    caFile: `${certs}/ca.pem`,
    async addAccount(name) {
      const password = runProgram(addAccount, [name]).trim();
      runProgram('chmod', ['a+r', passwords]);
      program.signal('SIGHUP');
      return password;
    },
    async restart() {
      await program.stop();
      program = await run();
    },
    async stop() {
      await program.stop();
      await folder.remove();
    },
  };
}
