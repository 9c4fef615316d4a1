import { Emitter } from '../../protocol/emitter.ts';
import { sessionErrorText } from '../../protocol/errors.ts';
import { parseLink } from '../../protocol/link.ts';
import { type CameraInfo, cameraInfoSchema } from '../../protocol/messages.ts';
import { RpcError } from '../../protocol/rpc.ts';
import type { VideoQuality } from '../../protocol/video-quality.ts';
import type { ShownFrame } from '../client/shown-frame.ts';
import { emptyStats } from '../client/stats-meter.ts';
import type { VideoLine } from '../client/video-lines.ts';
import type { SessionInfo } from '../client/viewer-session.ts';
import type { ViewerStats } from '../client/viewer-stats.ts';
import { describeStatus, type ViewerStatus } from '../client/viewer-status.ts';
import { type QualityChange, QualityLog } from './quality-log.ts';
import type { SentQuality } from './quality-words.ts';
import type { OpenClient, ViewerClient } from './viewer-client.ts';

export interface ViewSessionEvents {
  status: { status: ViewerStatus; previous: ViewerStatus };
  /** The picture of a video line, which are counted in the order in which the cameras were asked for. */
  stream: { line: number; camera: string; stream: MediaStream };
  /** Which camera each line is to show, and which it shows until then. */
  lines: readonly VideoLine[];
  stats: ViewerStats;
  accepted: SessionInfo;
  /** A camera says that its state has changed. */
  cameras: readonly CameraInfo[];
  /** See PortholeClient. */
  talk: { isHeard: boolean; error: unknown };
  notification: { method: string; params: unknown };
}

/** Between an element and the client: from the text of a link to a running client, one at a time. */
export class ViewSession {
  readonly events = new Emitter<ViewSessionEvents>();
  private readonly openClient: OpenClient;
  private client: ViewerClient | null = null;
  private unsubscribe: (() => void)[] = [];
  private link = '';
  private readonly qualityLog = new QualityLog();
  /** Counts connects and disconnects, so that a client that is still loading can find itself out of date. */
  private generation = 0;
  private currentStatus: ViewerStatus = { state: 'idle' };
  private reason: string | null = null;
  /** Outlives clients, since other cameras need another one. */
  private wantedQuality: VideoQuality = 'auto';
  private wantsSound = false;
  /** For how many measurements in a row, one a second, no frame of a line has been decoded. */
  private stillSeconds: readonly number[] = [];

  stats: ViewerStats = emptyStats;
  info: SessionInfo | null = null;
  cameras: readonly CameraInfo[] = [];

  constructor(options: { openClient: OpenClient }) {
    this.openClient = options.openClient;
  }

  get status(): ViewerStatus {
    return this.currentStatus;
  }

  /** The status in words, with what only this side knows (such as what is wrong with a link). */
  get message(): string {
    return this.reason ?? describeStatus(this.currentStatus);
  }

  get quality(): VideoQuality {
    return this.wantedQuality;
  }

  get isListening(): boolean {
    return this.wantsSound;
  }

  /** Newest first. */
  get qualityChanges(): readonly QualityChange[] {
    return this.qualityLog.changes;
  }

  /**
   * Connects to the device of a link, after leaving whatever was connected. Loading errors end in `failed`.
   *
   * @param cameras which to show; with none, the device's first
   */
  async open(linkText: string, cameras: readonly string[] = []): Promise<void> {
    const link = parseLink(linkText);
    if (!link.ok) {
      this.fail(linkText, link.error);
      return;
    }
    this.release();
    if (linkText !== this.link) {
      // It was meant for the path to the device before.
      this.wantedQuality = 'auto';
      this.qualityLog.clear();
    }
    this.link = linkText;
    const { generation } = this;
    this.setStatus({ state: 'connecting', step: 'broker' });
    try {
      const client = await this.openClient({ link: link.value, cameras, quality: this.wantedQuality });
      if (generation === this.generation) this.adopt(client);
    } catch (error) {
      if (generation !== this.generation) return;
      console.error('porthole: the client could not be loaded', error);
      this.setStatus({ state: 'failed', error: 'internal' }, 'The viewer could not be loaded. Reload the page.');
    }
  }

  /** What is wrong with the text of a link; null when nothing is. */
  check(linkText: string): string | null {
    const link = parseLink(linkText);
    return link.ok ? null : link.error;
  }

  /** Says at once that a link is of no use. */
  fail(linkText: string, problem: string): void {
    this.release();
    const reason = linkText.trim() ? `${sessionErrorText('link-invalid')} ${problem}` : 'There is no link to a device.';
    this.setStatus({ state: 'failed', error: 'link-invalid' }, reason);
  }

  async close(): Promise<void> {
    const released = this.release();
    this.setStatus({ state: 'idle' });
    await released;
  }

  /** @throws RpcError */
  async call(method: string, params?: object): Promise<unknown> {
    return await this.connectedClient().call(method, params);
  }

  /** For how many seconds now no frame of a line has been decoded. */
  stillSecondsOf(line: number): number {
    return this.stillSeconds[line] ?? 0;
  }

  /** What the device sends of a camera; null before it has said so. */
  sentQuality(camera: string): SentQuality | null {
    return this.qualityLog.of(camera);
  }

  /** @throws RpcError */
  async setQuality(quality: VideoQuality): Promise<void> {
    await this.connectedClient().setQuality(quality);
    this.wantedQuality = quality;
  }

  /** Whether devices shall send their sound: the one that is connected, and those that will be. @throws RpcError */
  async setListening(isListening: boolean): Promise<void> {
    this.wantsSound = isListening;
    await this.client?.setListening(isListening);
  }

  /** Turns the first line to another camera. @throws RpcError */
  async selectCamera(camera: string): Promise<void> {
    await this.connectedClient().selectCamera(camera);
  }

  /** @throws RpcError or DOMException, see PortholeClient */
  async startTalk(): Promise<void> {
    await this.connectedClient().startTalk();
  }

  async stopTalk(): Promise<void> {
    await this.client?.stopTalk();
  }

  handleFrame(stream: MediaStream, frame: ShownFrame): void {
    this.client?.handleFrame(stream, frame);
  }

  private adopt(client: ViewerClient): void {
    this.client = client;
    const { events } = client;
    this.unsubscribe = [
      events.on('status', (status) => this.setStatus(status)),
      events.on('stream', (stream) => this.events.emit('stream', stream)),
      events.on('lines', (lines) => {
        // What stood still is another camera's, or of before.
        this.stillSeconds = [];
        this.events.emit('lines', lines);
      }),
      events.on('talk', (talk) => this.events.emit('talk', talk)),
      events.on('stats', (stats) => {
        this.stats = stats;
        this.stillSeconds = stats.lines.map(({ framesPerSecond }, line) =>
          framesPerSecond > 0 ? 0 : this.stillSecondsOf(line) + 1,
        );
        this.events.emit('stats', stats);
      }),
      events.on('accepted', (info) => {
        this.info = info;
        this.stillSeconds = [];
        this.qualityLog.beginSession();
        this.setCameras(info.cameras);
        this.events.emit('accepted', info);
      }),
      events.on('notification', (notification) => this.handleNotification(notification)),
    ];
    void client.setListening(this.wantsSound);
    client.connect();
  }

  private handleNotification(notification: { method: string; params: unknown }): void {
    if (notification.method === 'event.camera') {
      const camera = cameraInfoSchema.safeParse(notification.params);
      if (camera.success) {
        this.setCameras(this.cameras.map((known) => (known.id === camera.data.id ? camera.data : known)));
      }
    }
    if (notification.method === 'event.quality') this.qualityLog.handleEvent(notification.params, Date.now());
    this.events.emit('notification', notification);
  }

  private setCameras(cameras: readonly CameraInfo[]): void {
    this.cameras = cameras;
    this.events.emit('cameras', cameras);
  }

  private setStatus(status: ViewerStatus, reason: string | null = null): void {
    const previous = this.currentStatus;
    const isSame = status.state === previous.state && status.step === previous.step && status.error === previous.error;
    if (isSame && reason === this.reason) return;
    this.currentStatus = status;
    this.reason = reason;
    this.events.emit('status', { status, previous });
  }

  private connectedClient(): ViewerClient {
    if (!this.client) throw new RpcError('unavailable', 'Not connected.');
    return this.client;
  }

  /** Leaves the client behind, if there is one. @returns when it has closed everything */
  private async release(): Promise<void> {
    const { client } = this;
    for (const off of this.unsubscribe) off();
    this.generation += 1;
    this.client = null;
    this.unsubscribe = [];
    this.stats = emptyStats;
    this.info = null;
    this.cameras = [];
    this.stillSeconds = [];
    await client?.disconnect();
  }
}
