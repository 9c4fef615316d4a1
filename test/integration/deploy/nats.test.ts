import { describe } from 'vitest';
import { type DeployedBroker, describeDeployedBroker } from '../../helpers/deploy-contract.ts';
import { DeployFolder, DeployProgram, findFreePorts, isInstalled, runProgram } from '../../helpers/deploy-program.ts';

describe.runIf(isInstalled('nats-server', 'nats-server'))('a NATS cluster with the shipped files', () => {
  // Neither 2.9.10 nor 2.10.27 applies max_payload to MQTT.
  describeDeployedBroker(startCluster, { passesAnySize: true });
});

/** Three servers. The agent is at the first and viewers are at the second, so that everything between them passes a route. */
async function startCluster(): Promise<DeployedBroker> {
  const folder = await DeployFolder.create();
  const certs = folder.createCertificates();
  const ports = await findFreePorts(12);
  const nodes = [0, 1, 2].map((index) => new Node(folder, index, ports.slice(4 * index, 4 * index + 4)));
  const accounts = await folder.copy('nats/accounts.conf', 'accounts.conf');
  const addAccount = await folder.copy('nats/add-account.sh', 'add-account.sh', {
    '/etc/nats/accounts.conf': accounts,
  });
  for (const node of nodes) await node.configure(certs, nodes);
  for (const node of nodes) node.start();
  await Promise.all(nodes.map((node) => node.untilReady()));
  const [first, second] = nodes as [Node, Node, Node];
  return {
    agentPort: first.mqttPort,
    viewerPort: second.webSocketPort,
    caFile: `${certs}/ca.pem`,
    async addAccount(name) {
      const password = runProgram(addAccount, [name]).trim();
      for (const node of nodes) node.program?.signal('SIGHUP');
      return password;
    },
    async restart() {
      // One after another, as one does with a cluster.
      for (const node of nodes) {
        await node.stop();
        node.start();
        await node.untilReady();
      }
    },
    async stop() {
      await Promise.all(nodes.map((node) => node.stop()));
      await folder.remove();
    },
  };
}

class Node {
  program: DeployProgram | null = null;
  readonly name: string;
  readonly mqttPort: number;
  readonly webSocketPort: number;
  private readonly natsPort: number;
  private readonly routePort: number;
  private readonly folder: DeployFolder;

  constructor(folder: DeployFolder, index: number, ports: number[]) {
    this.folder = folder;
    this.name = `porthole-${index + 1}`;
    [this.natsPort = 0, this.mqttPort = 0, this.webSocketPort = 0, this.routePort = 0] = ports;
  }

  async configure(certs: string, nodes: readonly Node[]): Promise<void> {
    const routes = nodes.filter((node) => node !== this).map((node) => `"nats-route://127.0.0.1:${node.routePort}"`);
    await this.folder.copy('nats/this-server.conf', `${this.name}-this.conf`, {
      'server_name: porthole-1': `server_name: ${this.name}`,
      '"nats-route://broker-2.example:6222", "nats-route://broker-3.example:6222"': routes.join(', '),
    });
    await this.folder.copy('nats/nats-server.conf', `${this.name}.conf`, {
      'nats/this-server.conf': `${this.name}-this.conf`,
      'nats/accounts.conf': 'accounts.conf',
      '/var/lib/nats': this.folder.in(`${this.name}-store`),
      '/etc/nats/certs': certs,
      '/etc/nats/cluster-certs': certs,
      'port: 4222': `port: ${this.natsPort}`,
      'port: 8883': `port: ${this.mqttPort}`,
      'port: 8884': `port: ${this.webSocketPort}`,
      'port: 6222': `port: ${this.routePort}`,
      'host: 0.0.0.0': 'host: 127.0.0.1',
    });
  }

  start(): void {
    this.program = new DeployProgram('nats-server', ['-c', this.folder.in(`${this.name}.conf`)]);
  }

  async untilReady(): Promise<void> {
    await this.program?.untilListening([this.mqttPort, this.webSocketPort, this.routePort]);
  }

  async stop(): Promise<void> {
    await this.program?.stop('SIGINT');
  }
}
