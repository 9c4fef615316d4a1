import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deriveId, type KeyPair } from '../protocol/identity.ts';
import { buildLink } from '../protocol/link.ts';
import type { CameraInfo } from '../protocol/messages.ts';
import { RpcError } from '../protocol/rpc.ts';
import { defaultTopicPrefix } from '../protocol/topics.ts';
import { Access } from './access/access.ts';
import type { InviteOptions } from './access/access-table.ts';
import { replaceFile } from './access/atomic-file.ts';
import { loadDeviceKeys } from './access/device-keys.ts';
import { AgentError } from './agent-error.ts';
import { EncoderFinder } from './camera/encoder-finder.ts';
import type { CameraSearch } from './camera-search.ts';
import { buildCameras } from './cameras.ts';
import { buildBuiltinCommands } from './commands/builtin/builtin-commands.ts';
import type { DeviceStatus } from './commands/builtin/device-commands.ts';
import { CommandRegistry } from './commands/command-registry.ts';
import { LocalSocket } from './commands/local-socket.ts';
import type { AgentConfig } from './config/config-schema.ts';
import { planReload } from './config/reload-plan.ts';
import { preloadPeers } from './rtc/node-datachannel-peer.ts';
import { buildServing, type Serving } from './serving.ts';
import { buildControls } from './session/build-controls.ts';
import type { LiveAudio } from './session/live-audio.ts';
import type { LiveCamera } from './session/live-camera.ts';
import type { SessionManager } from './session/session-manager.ts';
import type { TalkDesk } from './session/talk-desk.ts';
import { buildAudio, buildTalk } from './sound.ts';
import { systemClock } from './system/clock.ts';
import { readDeviceInfo } from './system/device-info.ts';
import type { HealthCheck } from './system/health-check.ts';
import type { Logger } from './system/logger.ts';

export interface AgentOptions {
  config: AgentConfig;
  version: string;
  logger: Logger;
  /** Value of PATH, to find ffmpeg. */
  searchPath: string;
  /** Reads the configuration again. @throws Error that names all that is wrong with it, for people. Without, it stays as it is */
  readConfig?(): Promise<AgentConfig>;
  /** The settings that have changed where no reload can read them, as `broker.password`. */
  findStaleSettings?(config: AgentConfig): Promise<string[]>;
}

/**
 * The device daemon. This file is the composition: it builds every part from the configuration and joins them; what they do is
 * theirs.
 */
export class Agent {
  private readonly options: AgentOptions;
  private readonly encoders: EncoderFinder;
  /** What runs: the configuration given, with what a reload has changed. */
  private config: AgentConfig;
  private keys: KeyPair | null = null;
  private access: Access | null = null;
  private localSocket: LocalSocket | null = null;
  private serving: Serving | null = null;
  private liveCameras: LiveCamera[] = [];
  private cameraSearch: CameraSearch | null = null;
  private audio: LiveAudio | null = null;
  private talk: TalkDesk | null = null;
  private starting: Promise<void> = Promise.resolve();
  private stopping: Promise<void> | null = null;

  constructor(options: AgentOptions) {
    this.options = options;
    this.config = options.config;
    this.encoders = buildEncoderFinder(options);
  }

  get cameras(): CameraInfo[] {
    return this.liveCameras.map(({ info }) => this.judgeCamera(info));
  }

  /** What the watchdog asks once the agent has been started. */
  get checks(): HealthCheck[] {
    return [{ problem: () => this.serving?.signaling.problem() ?? null }, ...this.liveCameras];
  }

  /** How it is, for people: `Online, 2 viewers`. */
  get statusLine(): string {
    if (!this.serving) return 'Starting';
    const { signaling, sessions } = this.serving;
    const broker = signaling.isOnline ? 'Online' : `Offline (${signaling.offlineReason}), trying again`;
    const viewers = sessions.openCount === 1 ? '1 viewer' : `${sessions.openCount || 'no'} viewers`;
    const problem = this.encoders.problem;
    return [broker, viewers, ...(problem === null ? [] : [`no pictures: ${problem}`])].join(', ');
  }

  /**
   * Reads the configuration again, applies what can be applied while it runs, and tells the log of both that and what takes a restart.
   *
   * @throws RpcError `unavailable` with what is wrong with it; nothing has changed then
   */
  async reload(): Promise<{ applied: string[]; waiting: string[] }> {
    const { logger, findStaleSettings } = this.options;
    const wanted = await this.readConfigAgain();
    const { config, applied, ...plan } = planReload(this.config, wanted);
    const waiting = [...plan.waiting, ...((await findStaleSettings?.(wanted)) ?? [])];
    this.config = config;
    for (const setting of applied) logger.info({ setting }, 'setting applied');
    for (const setting of waiting) logger.warn({ setting }, 'setting has changed and takes a restart to be applied');
    logger.info({ applied: applied.length, waiting: waiting.length }, 'configuration reloaded');
    return { applied, waiting };
  }

  /**
   * Resolves when everything runs that depends neither on the network nor on ffmpeg; from then on the broker is connected to, and the
   * encoder looked for, for ever.
   * @throws the named errors of its parts: AgentError, StateFileError, LocalSocketError.
   * `stop` cleans up what had been started until then
   */
  start(): Promise<void> {
    this.starting = this.startParts();
    return this.starting;
  }

  /** Ends sessions, cameras and signaling, and leaves nothing behind. Idempotent. */
  stop(): Promise<void> {
    this.stopping ??= this.stopAll();
    return this.stopping;
  }

  /** Resolves when it is known what pictures are encoded with. @throws FfmpegError when there is nothing */
  async untilEncoderFound(signal: AbortSignal): Promise<void> {
    await this.encoders.find(signal);
  }

  /** Resolves when the broker has the device's status, or when the signal is aborted. */
  untilOnline(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const signaling = this.serving?.signaling;
      if (!signaling || signaling.isOnline || signal.aborted) return resolve();
      const finish = () => {
        stop();
        signal.removeEventListener('abort', finish);
        resolve();
      };
      const stop = signaling.events.on('online', finish);
      signal.addEventListener('abort', finish);
    });
  }

  /** A link with a new invite. @throws StateFileError `not-saved`, AgentError */
  async createLink(options: InviteOptions): Promise<{ id: string; link: string }> {
    const { access, keys } = this;
    if (!access || !keys) throw AgentError.notRunning();
    const invite = await access.createInvite(options);
    if (!invite.ok) throw AgentError.tooManyInvites();
    return { id: invite.value.id, link: this.buildLink(keys, invite.value.token) };
  }

  /**
   * A link for the first viewer, in place of the one that an earlier start has made: its addresses may be those of a
   * configuration that has been corrected since.
   *
   * @param options with a label, by which the links of earlier starts are known
   * @returns null when somebody is paired, or can be by an invite that the owner has made
   * @throws StateFileError `not-saved`, AgentError
   */
  async createFirstLink(options: InviteOptions & { label: string }): Promise<{ id: string; link: string } | null> {
    const { grants, invites } = this.access?.list() ?? { grants: [], invites: [] };
    const earlier = invites.filter(({ label }) => label === options.label);
    if (grants.length > 0 || invites.length > earlier.length) return null;
    const first = await this.createLink(options);
    for (const { id } of earlier) await this.endLink(id);
    return first;
  }

  /** Ends the invite of a link; who came by it stays. */
  async endLink(id: string): Promise<void> {
    await this.access?.endInvite(id);
  }

  private async readConfigAgain(): Promise<AgentConfig> {
    const { readConfig, logger } = this.options;
    if (!readConfig) throw new RpcError('unavailable', 'This agent was started with settings that are in no file.');
    try {
      return await readConfig();
    } catch (error) {
      const problem = error instanceof Error ? error.message : String(error);
      logger.error({ problem }, 'the configuration was not reloaded, nothing has changed');
      throw new RpcError('unavailable', problem);
    }
  }

  private async startParts(): Promise<void> {
    const { config, version, logger } = this.options;
    await mkdir(config.stateDir, { recursive: true, mode: 0o700 });
    await mkdir(config.runtimeDir, { recursive: true, mode: 0o700 });
    preloadPeers();
    const [keys, brokerCa] = await Promise.all([
      loadDeviceKeys(config.stateDir),
      readCa(config.broker.caFile),
      this.buildSources(),
    ]);
    this.keys = keys;
    const access = new Access({ stateDir: config.stateDir, clock: systemClock, logger });
    await access.open();
    this.access = access;
    const registry = new CommandRegistry();
    const serving = buildServing({
      config: () => this.config,
      version,
      keys,
      brokerCa,
      access,
      registry,
      cameras: this.liveCameras,
      audio: this.audio,
      talk: this.talk,
      untilCamerasKnown: () => this.encoders.untilTested(),
      logger,
    });
    this.addCommands(registry, access, keys, serving.sessions);
    const localSocket = new LocalSocket({ registry, runtimeDir: config.runtimeDir, nowMs: systemClock.nowMs, logger });
    await localSocket.start();
    this.localSocket = localSocket;
    this.serving = serving;
    serving.start();
  }

  private async buildSources(): Promise<void> {
    const { config, logger } = this.options;
    const { encoders } = this;
    // Whoever comes meanwhile waits for it; a device that tests its encoder is online all the same.
    encoders.start();
    const { cameras, search } = await buildCameras({ config, encoders, clock: systemClock, logger });
    this.liveCameras = cameras;
    this.cameraSearch = search;
    search?.start();
    const findFfmpeg = async (signal: AbortSignal) => (await encoders.find(signal)).ffmpeg;
    this.audio = buildAudio({ config, findFfmpeg, clock: systemClock, logger });
    this.talk = buildTalk({ config, findFfmpeg, logger });
  }

  private async stopAll(): Promise<void> {
    // A part that is just being started can be stopped only once it is there; why it failed is told to whoever started it.
    await this.starting.catch(() => {});
    const { serving, localSocket, talk, audio, cameraSearch, liveCameras, encoders } = this;
    // Sessions first: they heed no camera from then on. An ffmpeg takes as long to end as viewers take to be told.
    const parts = [serving, localSocket, talk, audio, cameraSearch, ...liveCameras, encoders];
    await Promise.all(parts.map((part) => this.stopPart(() => part?.stop())));
    await this.stopPart(() => this.access?.close());
  }

  private async stopPart(stop: () => unknown): Promise<void> {
    try {
      await stop();
    } catch (error) {
      this.options.logger.error({ error }, 'a part of the agent did not stop cleanly');
    }
  }

  private addCommands(registry: CommandRegistry, access: Access, keys: KeyPair, sessions: SessionManager): void {
    const { version } = this.options;
    const commands = buildBuiltinCommands({
      registry,
      access,
      sessions: buildControls({ sessions, cameras: this.liveCameras }),
      hasSound: this.audio !== null,
      hasLoudspeaker: this.talk !== null,
      clock: systemClock,
      buildLink: (token) => this.buildLink(keys, token),
      deviceInfo: async () => ({ name: this.config.name, version, ...(await readDeviceInfo()) }),
      reload: () => this.reload(),
      deviceStatus: () => this.describeStatus(deriveId(keys.publicKey)),
      cameras: {
        list: () => this.lookAtCameras(),
        snapshot: async (id, signal) => {
          const camera = this.liveCameras.find((candidate) => id === undefined || candidate.id === id);
          if (!camera) throw new Error('no such camera');
          return { camera: camera.id, jpeg: await camera.takeSnapshot(signal) };
        },
      },
    });
    for (const command of commands) registry.add(command);
  }

  private lookAtCameras(): Promise<CameraInfo[]> {
    return Promise.all(this.liveCameras.map(async (camera) => this.judgeCamera(await camera.look())));
  }

  /** Without ffmpeg no camera is ready, whoever watches it or not. */
  private judgeCamera(info: CameraInfo): CameraInfo {
    const reason = this.encoders.problem;
    return reason !== null && info.state === 'idle' ? { ...info, state: 'missing', reason } : info;
  }

  private async describeStatus(deviceId: string): Promise<DeviceStatus> {
    const { name, broker } = this.config;
    const { signaling, sessions } = this.serving ?? {};
    const online = signaling?.isOnline ?? false;
    return {
      deviceId,
      name,
      version: this.options.version,
      uptimeSeconds: Math.round(process.uptime()),
      broker: { url: broker.url, online, ...(!online && { reason: signaling?.offlineReason ?? 'starting' }) },
      viewers: sessions?.openCount ?? 0,
      cameras: await this.lookAtCameras(),
    };
  }

  private buildLink(keys: KeyPair, invite: string): string {
    const { links, broker, name } = this.config;
    return buildLink(links.pageUrl, {
      devicePublicKey: keys.publicKey,
      brokerUrl: links.brokerUrl,
      invite,
      name,
      topicPrefix: broker.topicPrefix === defaultTopicPrefix ? undefined : broker.topicPrefix,
    });
  }
}

function buildEncoderFinder({ config, logger, searchPath }: AgentOptions): EncoderFinder {
  const path = join(config.cacheDir, 'encoder.json');
  return new EncoderFinder({
    configuredPath: config.ffmpeg.path,
    searchPath,
    wanted: config.ffmpeg.encoder,
    cache: {
      read: () => readFile(path, 'utf8').catch(() => null),
      write: (text) => replaceFile(path, text),
    },
    logger,
  });
}

async function readCa(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw AgentError.caUnreadable(error);
  }
}
