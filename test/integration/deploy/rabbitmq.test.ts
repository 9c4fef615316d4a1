import { describe } from 'vitest';
import { type DeployedBroker, describeDeployedBroker } from '../../helpers/deploy-contract.ts';
import {
  DeployFolder,
  DeployProgram,
  findFreePorts,
  findProgram,
  isInstalled,
  runProgram,
} from '../../helpers/deploy-program.ts';

// The one in /usr/sbin changes to another user and to the state of the system; this one is what it starts.
const serverPath = '/usr/lib/rabbitmq/bin/rabbitmq-server';

describe.runIf(isInstalled(serverPath, 'rabbitmq-server'))('RabbitMQ with the shipped files', () => {
  describeDeployedBroker(startRabbitMq);
});

async function startRabbitMq(): Promise<DeployedBroker> {
  const folder = await DeployFolder.create();
  const certs = folder.createCertificates();
  const [agentPort, viewerPort, plainPort, distPort, epmdPort] = (await findFreePorts(5)) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const config = await folder.copy('rabbitmq/rabbitmq.conf', 'rabbitmq.conf', {
    '/etc/rabbitmq/certs': certs,
    'ssl.default = 8883': `ssl.default = 127.0.0.1:${agentPort}`,
    'ssl.port = 8884': `ssl.port = ${viewerPort}`,
    'tcp.port = 15675': `tcp.port = ${plainPort}`,
  });
  const plugins = await folder.copy('rabbitmq/enabled_plugins', 'enabled_plugins');
  // A node, a name service and a home of its own, beside whatever this machine runs.
  const env = {
    HOME: folder.path,
    ERL_EPMD_PORT: `${epmdPort}`,
    ERL_EPMD_ADDRESS: '127.0.0.1',
    RABBITMQ_NODENAME: 'porthole@localhost',
    RABBITMQ_DIST_PORT: `${distPort}`,
    RABBITMQ_CONFIG_FILE: config,
    RABBITMQ_ENABLED_PLUGINS_FILE: plugins,
    RABBITMQ_MNESIA_BASE: folder.in('mnesia'),
    RABBITMQ_LOG_BASE: folder.in('log'),
    RABBITMQ_PID_FILE: folder.in('pid'),
    // Threads that turn in place for work to come would take a core from the other tests.
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '+sbwt none +sbwtdcpu none +sbwtdio none',
  };
  const rabbitmqctl = '/usr/lib/rabbitmq/bin/rabbitmqctl';
  const run = async () => {
    const program = new DeployProgram(serverPath, [], env);
    await program.untilListening([agentPort, viewerPort], 40_000);
    runProgram(rabbitmqctl, ['--quiet', 'await_startup'], env);
    return program;
  };
  let program = await run();
  const replaceCommand = { rabbitmqctl };
  runProgram(await folder.copy('rabbitmq/set-up.sh', 'set-up.sh', replaceCommand), [], env);
  const addAccount = await folder.copy('rabbitmq/add-account.sh', 'add-account.sh', replaceCommand);
  return {
    agentPort,
    viewerPort,
    caFile: `${certs}/ca.pem`,
    addAccount: async (name) => runProgram(addAccount, [name], env).trim(),
    async restart() {
      await program.stop();
      program = await run();
    },
    async stop() {
      await program.stop();
      runProgram(findProgram('epmd') ?? 'epmd', ['-kill'], env);
      await folder.remove();
    },
  };
}
