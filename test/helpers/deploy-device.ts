import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadDeviceKeys } from '../../agent/access/device-keys.ts';
import { Agent } from '../../agent/agent.ts';
import { loadConfig } from '../../agent/config/load-config.ts';
import { deriveId } from '../../protocol/identity.ts';
import { FakeLogger } from '../fakes/support-logger.ts';

/** A real agent with a small test pattern, at a broker that is not the embedded one. */
export class DeployedDevice {
  readonly id: string;
  readonly logger = new FakeLogger();
  private readonly stateDir: string;
  private agent: Agent | null = null;

  private constructor(stateDir: string, id: string) {
    this.stateDir = stateDir;
    this.id = id;
  }

  /** A device with a key, and so with an id, that does not run yet. */
  static async create(): Promise<DeployedDevice> {
    const stateDir = await mkdtemp(join(tmpdir(), 'porthole-device-'));
    return new DeployedDevice(stateDir, deriveId((await loadDeviceKeys(stateDir)).publicKey));
  }

  /** @param settings as in the configuration file: the broker, and what else matters */
  async start(settings: Record<string, unknown>): Promise<void> {
    const loaded = await loadConfig({
      env: { HOME: this.stateDir },
      defaultFile: join(this.stateDir, 'none.yaml'),
      flags: {
        stateDir: this.stateDir,
        name: 'Deployed',
        cameras: [{ source: 'test', widthMax: 320, heightMax: 180, bitrateKbps: 300, lingerMs: 0 }],
        ffmpeg: process.env.PORTHOLE_TEST_FFMPEG ? { path: process.env.PORTHOLE_TEST_FFMPEG } : {},
        ice: { lanOnly: true },
        ...settings,
      },
    });
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
    this.agent = new Agent({
      config: loaded.value,
      version: '1.2.3',
      logger: this.logger,
      searchPath: process.env.PATH ?? '',
    });
    await this.agent.start();
  }

  untilOnline(): Promise<void> {
    return this.running.untilOnline(AbortSignal.timeout(15_000));
  }

  async invite(): Promise<string> {
    return (await this.running.createLink({ role: 'view', uses: 1, ttlMs: 60_000 })).link;
  }

  /** What the log says of the broker, the reasons of failed attempts among it. */
  get brokerTroubles(): string[] {
    return this.logger.events
      .filter(({ message }) => message === 'broker not connected')
      .map(({ fields }) => String(fields.reason));
  }

  async stop(): Promise<void> {
    await this.agent?.stop();
    await rm(this.stateDir, { recursive: true, force: true });
  }

  private get running(): Agent {
    if (!this.agent) throw new Error('the device does not run');
    return this.agent;
  }
}
