import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished, vi } from 'vitest';
import { loadDeviceKeys } from '../../agent/access/device-keys.ts';
import { nodeDiffieHellman } from '../../agent/access/node-diffie-hellman.ts';
import { Agent } from '../../agent/agent.ts';
import { callLocalAgent } from '../../agent/commands/local-client.ts';
import { localSocketPath } from '../../agent/commands/local-socket-path.ts';
import type { AgentConfig } from '../../agent/config/config-schema.ts';
import { loadConfig } from '../../agent/config/load-config.ts';
import { Broker } from '../../broker/broker.ts';
import { headlessPlatform } from '../../cli/headless/headless-platform.ts';
import { deriveId } from '../../protocol/identity.ts';
import { parseLink } from '../../protocol/link.ts';
import { PortholeClient, type PortholeClientOptions } from '../../viewer/client/porthole-client.ts';
import type { ViewerStatus } from '../../viewer/client/viewer-status.ts';
import { FakeLogger } from '../fakes/support-logger.ts';

/** A device and its broker in this process, with a real ffmpeg behind the camera. All of it ends with the test. */
export class AgentBench {
  readonly logger = new FakeLogger();
  readonly config: AgentConfig;
  readonly agent: Agent;
  /** What the agent reads at a reload; null is a configuration that cannot be used. */
  savedConfig: AgentConfig | null;
  private readonly brokerPorts: { httpPort: number; mqttPort: number };
  private readonly deviceId: string;
  private broker: Broker;

  private constructor(options: {
    config: AgentConfig;
    broker: Broker;
    brokerPorts: { httpPort: number; mqttPort: number };
    deviceId: string;
  }) {
    this.config = options.config;
    this.savedConfig = options.config;
    this.broker = options.broker;
    this.brokerPorts = options.brokerPorts;
    this.deviceId = options.deviceId;
    this.agent = this.buildAgent();
  }

  static async start(settings: Record<string, unknown> = {}): Promise<AgentBench> {
    const stateDir = await mkdtemp(join(tmpdir(), 'porthole-agent-'));
    onTestFinished(() => rm(stateDir, { recursive: true, force: true }));
    const deviceId = deriveId((await loadDeviceKeys(stateDir)).publicKey);
    const broker = buildBroker(deviceId, { httpPort: 0, mqttPort: 0 });
    const brokerPorts = await broker.start();
    const bench = new AgentBench({
      config: await buildConfig(stateDir, brokerPorts, settings),
      broker,
      brokerPorts,
      deviceId,
    });
    onTestFinished(async () => {
      await bench.agent.stop();
      await bench.stopBroker();
    });
    await bench.agent.start();
    await bench.agent.untilOnline(AbortSignal.timeout(10_000));
    return bench;
  }

  /** Another agent on the same state. */
  buildAgent(): Agent {
    return new Agent({
      config: this.config,
      version: '1.2.3',
      logger: this.logger,
      searchPath: process.env.PATH ?? '',
      readConfig: async () => {
        if (this.savedConfig === null) throw new Error('3:1: naem: there is no such setting');
        return this.savedConfig;
      },
    });
  }

  /** As the owner, through the unix socket. */
  call(method: string, params: object = {}): Promise<unknown> {
    return callLocalAgent(localSocketPath(this.config.runtimeDir), method, params);
  }

  async invite(role: 'view' | 'control' | 'admin' = 'view', uses: number | 'many' = 1): Promise<string> {
    return (await this.agent.createLink({ role, uses, ttlMs: 60_000 })).link;
  }

  stopBroker(): Promise<void> {
    return this.broker.stop();
  }

  /** On the same ports as before. */
  async restartBroker(): Promise<void> {
    this.broker = buildBroker(this.deviceId, this.brokerPorts);
    await this.broker.start();
  }

  /** Why sessions have ended until now. */
  get endedSessions(): unknown[] {
    return this.logger.events.filter(({ message }) => message === 'session closed').map(({ fields }) => fields.reason);
  }
}

/** A headless viewer with a key of its own. Ends with the test. */
export class BenchClient {
  readonly client: PortholeClient;
  readonly keys = nodeDiffieHellman.generateKeyPair();
  readonly statuses: ViewerStatus[] = [];

  constructor(linkText: string, options: Partial<PortholeClientOptions> = {}) {
    const link = parseLink(linkText);
    if (!link.ok) throw new Error(link.error);
    this.client = new PortholeClient({ link: link.value, keys: this.keys, platform: headlessPlatform, ...options });
    this.client.events.on('status', (status) => this.statuses.push(status));
    onTestFinished(() => this.client.disconnect());
    this.client.connect();
  }

  get viewerId(): string {
    return deriveId(this.keys.publicKey);
  }

  /** Waits for a state. */
  until(expected: Partial<ViewerStatus>, timeoutMs = 5_000): Promise<void> {
    return eventually(() => {
      if (!Object.entries(expected).every(([key, value]) => this.client.status[key as keyof ViewerStatus] === value)) {
        throw new Error(`not ${JSON.stringify(expected)} after ${JSON.stringify(this.statuses)}`);
      }
    }, timeoutMs);
  }

  /** Waits until so many more pictures have arrived. */
  async seeFrames(count: number): Promise<void> {
    const before = this.client.stats.framesDecoded;
    await eventually(() => {
      const seen = this.client.stats.framesDecoded - before;
      if (seen < count) throw new Error(`${seen} of ${count} frames`);
    });
  }
}

export function eventually(assertion: () => void | Promise<void>, timeoutMs = 5_000): Promise<void> {
  return vi.waitFor(assertion, { timeout: timeoutMs, interval: 20 });
}

function buildBroker(deviceId: string, ports: { httpPort: number; mqttPort: number }): Broker {
  const agentCredentials = { username: 'device', password: 'secret', deviceId };
  return new Broker({ ...ports, agentCredentials, logger: new FakeLogger() });
}

async function buildConfig(
  stateDir: string,
  { httpPort, mqttPort }: { httpPort: number; mqttPort: number },
  settings: Record<string, unknown>,
): Promise<AgentConfig> {
  const loaded = await loadConfig({
    env: { HOME: stateDir },
    defaultFile: join(stateDir, 'none.yaml'),
    flags: {
      stateDir,
      name: 'Bench',
      broker: { url: `mqtt://127.0.0.1:${mqttPort}`, username: 'device', password: 'secret' },
      links: { brokerUrl: `ws://127.0.0.1:${httpPort}/mqtt` },
      cameras: [{ source: 'test', widthMax: 320, heightMax: 180, bitrateKbps: 300, lingerMs: 0 }],
      ffmpeg: process.env.PORTHOLE_TEST_FFMPEG ? { path: process.env.PORTHOLE_TEST_FFMPEG } : {},
      ice: { lanOnly: true },
      ...settings,
    },
  });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
  return loaded.value;
}
