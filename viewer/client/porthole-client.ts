import { steppedBackoff } from '../../protocol/backoff.ts';
import { Emitter } from '../../protocol/emitter.ts';
import { SessionError } from '../../protocol/errors.ts';
import { deriveId, type KeyPair } from '../../protocol/identity.ts';
import { limits } from '../../protocol/limits.ts';
import type { DeviceLink } from '../../protocol/link.ts';
import { RpcError } from '../../protocol/rpc.ts';
import { buildDeviceTopics, defaultTopicPrefix } from '../../protocol/topics.ts';
import type { VideoQuality } from '../../protocol/video-quality.ts';
import { KeptChoices } from './kept-choices.ts';
import { MqttSignaling } from './mqtt-signaling.ts';
import { pauseBeforeReconnect } from './pause-before-reconnect.ts';
import type { PeerPlatform } from './peer-platform.ts';
import type { ShownFrame } from './shown-frame.ts';
import type { SignalingPort } from './signaling-port.ts';
import { emptyStats } from './stats-meter.ts';
import type { VideoLine } from './video-lines.ts';
import { type SessionInfo, ViewerSession } from './viewer-session.ts';
import type { ViewerStats } from './viewer-stats.ts';
import { nextStatus, type ViewerEvent, type ViewerStatus } from './viewer-status.ts';
import { stoppedError } from './with-deadline.ts';

export interface PortholeClientEvents {
  status: ViewerStatus;
  /** The picture of a video line, counted from 0 on, has arrived, or has been replaced by that of a newer session. */
  stream: { line: number; camera: string; stream: MediaStream };
  /** Which camera each video line is to show, and which it shows until that has given a picture. */
  lines: readonly VideoLine[];
  /** Whether the talk that a lost session has interrupted goes on in this one, and where there is one, the reason why not. */
  talk: { isHeard: boolean; error: unknown };
  stats: ViewerStats;
  notification: { method: string; params: unknown };
  /** The device let this viewer in; an invite in the link has done its work. */
  accepted: SessionInfo;
}

export interface PortholeClientOptions {
  link: DeviceLink;
  /** This viewer's own key pair; the device knows it by nothing else. */
  keys: KeyPair;
  platform: PeerPlatform;
  /** How the viewer wants to be called in the device's list, at most 64 characters. */
  label?: string;
  /** Cameras to show. Left out: the device's first. Empty: none. */
  cameras?: string[];
  /** What to begin with. Left out: `auto`. */
  quality?: VideoQuality;
  /** Left out: MQTT over WebSocket, through the broker of the link. */
  signaling?: SignalingPort;
}

const statsIntervalMs = 1_000;
const reconnectStepsMs = [0, 300, 1_000, 2_000, 4_000, 8_000];

/**
 * Keeps one device in view: connects, notices when the path has died, and connects again until {@link disconnect} or an error
 * that only a person can cure. What was chosen holds in each new session: the camera, the quality, sound and microphone.
 * Runs in a browser and in Node.
 */
export class PortholeClient {
  readonly events = new Emitter<PortholeClientEvents>();
  private readonly options: PortholeClientOptions;
  private readonly signaling: SignalingPort;
  private readonly backoff = steppedBackoff(reconnectStepsMs);
  private currentStatus: ViewerStatus = { state: 'idle' };
  private lastStats: ViewerStats = emptyStats;
  private readonly choices: KeptChoices;
  private currentLines: readonly VideoLine[] = [];
  private live: ViewerSession | null = null;
  /** The ended session whose last picture still shows. */
  private stale: ViewerSession | null = null;
  private run: { aborter: AbortController; done: Promise<void> } | null = null;

  constructor(options: PortholeClientOptions) {
    this.options = options;
    this.choices = new KeptChoices({
      cameras: options.cameras,
      quality: options.quality ?? 'auto',
      onTalk: (talk) => this.events.emit('talk', talk),
    });
    this.signaling = options.signaling ?? buildMqttSignaling(options.link);
  }

  get status(): ViewerStatus {
    return this.currentStatus;
  }

  get stats(): ViewerStats {
    return this.lastStats;
  }

  get session(): SessionInfo | null {
    return this.live?.info ?? null;
  }

  /** Those of the latest session. */
  get lines(): readonly VideoLine[] {
    return this.currentLines;
  }

  connect(): void {
    if (this.currentStatus.state === 'idle' || this.currentStatus.state === 'failed') {
      const aborter = new AbortController();
      const before = this.run?.done ?? Promise.resolve();
      this.handle({ type: 'connect' });
      this.run = { aborter, done: before.then(() => this.keepConnected(aborter.signal)) };
    }
  }

  /** Ends the session and everything that belongs to it. */
  async disconnect(): Promise<void> {
    this.handle({ type: 'disconnect' });
    this.choices.isTalking = false;
    this.run?.aborter.abort();
    await this.run?.done;
  }

  /** @throws RpcError; `unavailable` when there is no session */
  call(method: string, params?: object): Promise<unknown> {
    return this.live?.call(method, params) ?? Promise.reject(noSessionError());
  }

  /** To be called by whoever shows the picture, for each frame of a stream. */
  handleFrame(stream: MediaStream, frame: ShownFrame): void {
    this.live?.handleFrame(stream, frame);
  }

  /** `auto` adapts the picture to the path; the others pin one rendition. @throws RpcError */
  async setQuality(quality: VideoQuality): Promise<void> {
    await this.call('video.quality', { quality });
    this.choices.quality = quality;
  }

  get quality(): VideoQuality {
    return this.choices.quality;
  }

  /**
   * Whether the device sends its sound, which it does not at first: in the session that there is, and in those that come. With
   * sound the picture is shown later, since browsers keep the two in step. @throws RpcError
   */
  async setListening(isListening: boolean): Promise<void> {
    this.choices.isListening = isListening;
    if (this.live && this.currentStatus.state === 'connected') await this.choices.applyListening(this.live);
  }

  get isListening(): boolean {
    return this.choices.isListening;
  }

  /**
   * Turns the first video line to another camera, without a new session. The event `lines` tells when its pictures arrive,
   * which may take long: the camera may be missing. @throws RpcError `not-found`; `unavailable`, such as for one that another
   * line shows
   */
  async selectCamera(camera: string): Promise<void> {
    await this.call('camera.select', { camera });
    this.choices.selectCamera(camera);
  }

  /** @throws RpcError `unavailable` while somebody else talks; DOMException when the person refuses the microphone */
  async startTalk(): Promise<void> {
    if (!this.live) throw noSessionError();
    await this.live.startTalk();
    this.choices.isTalking = true;
  }

  async stopTalk(): Promise<void> {
    this.choices.isTalking = false;
    await this.live?.stopTalk();
  }

  private async keepConnected(signal: AbortSignal): Promise<void> {
    let failures = 0;
    while (!signal.aborted) {
      const error = await this.connectOnce(signal, () => {
        failures = 0;
      });
      if (signal.aborted) break;
      // The device may have lost the camera that was chosen later; those that were asked for at first may still be there.
      if (error.code === 'no-camera' && this.choices.forgetCamera()) continue;
      this.handle({ type: 'lost', error: error.code });
      if (this.currentStatus.state === 'failed') break;
      const delayMs = this.backoff(failures++) ?? 0;
      await pauseBeforeReconnect({ delayMs, platform: this.options.platform, signaling: this.signaling, signal });
    }
    this.live?.release();
    this.stale?.release();
    this.live = null;
    this.stale = null;
    await this.signaling.close();
  }

  /** One attempt and the session that comes of it. @returns why it is over */
  private async connectOnce(signal: AbortSignal, onOpen: () => void): Promise<SessionError> {
    let session: ViewerSession | null = null;
    const onAbort = () => session?.close();
    signal.addEventListener('abort', onAbort);
    try {
      session = this.buildSession();
      this.handle({ type: 'step', step: 'broker' });
      await this.signaling.open(signal);
      this.live = session;
      await session.open();
      if (signal.aborted) throw stoppedError();
      onOpen();
      this.stale?.release();
      this.stale = null;
      if (session.info) this.events.emit('accepted', session.info);
      this.handle({ type: 'connected' });
      this.choices.handleSessionOpen(session, performance.now());
      return await this.measureUntilEnd(session);
    } catch (error) {
      session?.release();
      return SessionError.from(error);
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.live = null;
    }
  }

  private buildSession(): ViewerSession {
    const { link, keys, platform, label } = this.options;
    const session: ViewerSession = new ViewerSession({
      platform,
      handshake: {
        signaling: this.signaling,
        viewerKeys: keys,
        devicePublicKey: link.devicePublicKey,
        hello: {
          invite: link.invite,
          label: label?.slice(0, limits.nameMaxLength),
          codecs: platform.supportedCodecs(),
          want: { cameras: this.choices.cameras, audio: true },
        },
      },
      onStep: (step) => this.handle({ type: 'step', step }),
      onStream: (line, stream) =>
        this.events.emit('stream', { line, camera: this.currentLines[line]?.camera ?? '', stream }),
      onLines: (lines) => {
        this.currentLines = lines;
        this.events.emit('lines', lines);
      },
    });
    session.rpc.events.on('notification', (notification) => this.events.emit('notification', notification));
    return session;
  }

  private async measureUntilEnd(session: ViewerSession): Promise<SessionError> {
    const measure = async () => {
      // A connection that is just being closed may refuse; the next measurement is of another.
      const stats = await session.readStats().catch(() => null);
      if (!stats || this.live !== session) return;
      this.lastStats = stats;
      this.events.emit('stats', stats);
    };
    const timer = setInterval(() => void measure(), statsIntervalMs);
    try {
      return await session.ended;
    } finally {
      clearInterval(timer);
      this.choices.handleSessionLost(performance.now());
      this.stale?.release();
      this.stale = session;
    }
  }

  private handle(event: ViewerEvent): void {
    const status = nextStatus(this.currentStatus, event);
    if (status === this.currentStatus) return;
    this.currentStatus = status;
    this.events.emit('status', status);
  }
}

function buildMqttSignaling({
  brokerUrl,
  devicePublicKey,
  topicPrefix = defaultTopicPrefix,
}: DeviceLink): MqttSignaling {
  return new MqttSignaling({ brokerUrl, topics: buildDeviceTopics(topicPrefix, deriveId(devicePublicKey)) });
}

function noSessionError(): RpcError {
  return new RpcError('unavailable', 'There is no session with the device.');
}
