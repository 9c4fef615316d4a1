import type { QualityEvent, QualityReason } from '../../protocol/events.ts';
import type { CameraInfo, VideoCodec } from '../../protocol/messages.ts';
import { RpcError } from '../../protocol/rpc.ts';
import type { VideoQuality } from '../../protocol/video-quality.ts';
import { type RenditionChoice, RenditionPolicy } from '../media/congestion/rendition-policy.ts';
import type { MediaClock } from '../media/media-clock.ts';
import type { RenditionHub } from '../media/rendition-hub.ts';
import { VideoSender, type VideoSenderStats } from '../media/video-sender.ts';
import type { PeerTrack, VideoLine } from '../rtc/peer.ts';
import { type CameraFeed, type FeedRendition, type RenditionName, topKbpsOf } from './camera-feed.ts';
import type { PathControl } from './path-control.ts';

export interface VideoFeedOptions {
  camera: CameraFeed;
  codec: VideoCodec;
  mid: string;
  ssrc: number;
  rtxSsrc: number;
  cname: string;
  clock: MediaClock;
  path: PathControl;
  onCameraChange(info: CameraInfo): void;
  onQuality(event: QualityEvent): void;
}

/** Dynamic payload types (RFC 3551 section 6) of our offers. */
const payloadTypes = { h264: [102, 103], vp8: [96, 97] } as const;

/** The target moves all the time; the viewer is told this often, and at once when other pictures flow. */
const qualityEventIntervalMs = 2_000;

/** One camera on one video line of one session: picks the rendition, keeps it running, and sends it once the track is open. */
export class VideoFeed {
  readonly line: VideoLine;
  private readonly options: VideoFeedOptions;
  private camera: CameraFeed;
  private policy = new RenditionPolicy<RenditionName>();
  private quality: VideoQuality = 'auto';
  private choice: RenditionName | 'keyframes-only' | null = null;
  /** A choice that the viewer has not been told, because no picture of it has been sent yet. */
  private news: RenditionChoice<RenditionName> | null = null;
  private sender: VideoSender | null = null;
  /** Where the pictures come from that are sent now, and where they shall come from. */
  private sentHub: RenditionHub | null = null;
  private wantedHub: RenditionHub | null = null;
  /** What had been sent when the latest switch was done, and when the viewer was last told. */
  private framesAtSwitch = 0;
  private framesTold = 0;
  /** What is held: the rendition that is sent, and during a switch the one that comes next. */
  private readonly leases = new Map<RenditionHub, { release(): void }>();
  private stopListening: () => void = () => {};
  private isOpen = false;
  private toldAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: VideoFeedOptions) {
    const { camera, codec, mid, ssrc, rtxSsrc, cname } = options;
    this.options = options;
    this.camera = camera;
    const [payloadType, rtxPayloadType] = payloadTypes[codec];
    this.line = {
      kind: 'video',
      mid,
      ssrc,
      payloadType,
      cname,
      codec: codec === 'h264' ? { name: codec, profileLevelId: camera.profileLevelId } : { name: codec },
      rtx: { ssrc: rtxSsrc, payloadType: rtxPayloadType },
      onRtcp: (packet) => this.sender?.handleRtcp(packet),
    };
  }

  get cameraId(): string {
    return this.camera.id;
  }

  get cameraInfo(): CameraInfo {
    return this.camera.info;
  }

  /** What the camera's best rendition takes. */
  get topKbps(): number {
    return topKbpsOf(this.camera, this.options.codec);
  }

  get stats(): VideoSenderStats | null {
    return this.sender?.stats ?? null;
  }

  /** See `Pong.lines`; null before the track is open. */
  get rtpOffset(): number | null {
    return this.sender?.rtpOffset ?? null;
  }

  /** Starts the camera, so that it has pictures by the time the path is up. */
  open(): void {
    this.isOpen = true;
    this.listen();
    const first = this.ladder[0];
    if (first) this.hold(first);
  }

  attach(track: PeerTrack): void {
    const first = this.ladder[0];
    if (!this.isOpen || this.sender || !first) return;
    const { ssrc, payloadType, rtx, mid, cname } = this.line;
    const { clock, path } = this.options;
    this.hold(first);
    this.sentHub = first.hub;
    this.wantedHub = first.hub;
    this.sender = new VideoSender({
      hub: first.hub,
      transport: track,
      transportSequence: path.transportSequence,
      pacer: path.pacer,
      feedback: path,
      ssrc,
      payloadType,
      rtx,
      mid,
      cname,
      clock,
      onSwitched: (hub) => this.handleSwitched(hub),
    });
    this.sender.open();
  }

  /** Looks again at what fits. @param targetKbps this line's part of what the path carries */
  update(targetKbps: number): void {
    if (!this.isOpen || !this.sender) return;
    const nowMs = this.options.clock.nowMs();
    const pinned = this.quality === 'auto' ? null : this.quality;
    const choice = this.policy.decide({ targetKbps, ladder: this.ladder, pinned, nowMs });
    if (choice.rendition !== this.choice) {
      this.news = choice;
      this.apply(choice.rendition);
    }
    const isDue = this.news !== null || nowMs - this.toldAtMs >= qualityEventIntervalMs;
    if (isDue && this.isFlowing) this.tell(this.news ?? choice, targetKbps, nowMs);
  }

  setQuality(quality: VideoQuality): void {
    this.quality = quality;
    // The viewer's word is not to be weighed against what was learned before it.
    this.policy = new RenditionPolicy();
  }

  /** Lets the next update tell the viewer what it gets, because nobody heard it before. */
  tellAgain(): void {
    this.toldAtMs = Number.NEGATIVE_INFINITY;
  }

  /**
   * Shows another camera from its next keyframe on, however long that takes: a camera that is missing may come back. Until then
   * no `QualityEvent` is told, and the old one goes on, unless the new one is known to be missing. @throws RpcError `unavailable`
   */
  selectCamera(camera: CameraFeed): void {
    if (!this.isOpen || camera === this.camera) return;
    const { codec, onCameraChange } = this.options;
    if (!camera.renditions.some((rendition) => rendition.codec === codec)) {
      throw new RpcError('unavailable', `${camera.info.name} has no picture in this viewer's format.`);
    }
    this.stopListening();
    this.camera = camera;
    this.listen();
    onCameraChange(camera.info);
    this.policy = new RenditionPolicy();
    this.choice = null;
  }

  /** Idempotent; nothing of it takes a camera after that. */
  close(): void {
    this.isOpen = false;
    this.sender?.close();
    this.stopListening();
    this.releaseAllBut();
  }

  private get ladder(): FeedRendition[] {
    return this.camera.renditions.filter((rendition) => rendition.codec === this.options.codec);
  }

  /** Whether pictures of the choice have been sent since the viewer was last told. */
  private get isFlowing(): boolean {
    if (!this.sender || this.sentHub !== this.wantedHub) return false;
    return this.sender.stats.framesSent > (this.news ? this.framesAtSwitch : this.framesTold);
  }

  private listen(): void {
    this.stopListening = this.camera.onChange((info) => {
      this.options.onCameraChange(info);
      this.endPreviousIfMissing();
    });
  }

  /** The viewer knows that the camera is missing, which may last, and need not be sent another one meanwhile. */
  private endPreviousIfMissing(): void {
    if (!this.sender || this.sentHub === this.wantedHub || this.camera.info.state !== 'missing') return;
    this.sender.endPresent();
    this.sentHub = null;
    this.releaseAllBut(this.wantedHub);
  }

  private handleSwitched(hub: RenditionHub): void {
    this.sentHub = hub;
    this.framesAtSwitch = this.sender?.stats.framesSent ?? 0;
    this.releaseAllBut(hub);
  }

  private apply(rendition: RenditionName | 'keyframes-only'): void {
    this.choice = rendition;
    const wanted = this.ladder.find(({ name }) => name === rendition) ?? this.ladder.at(-1);
    if (!wanted || !this.sender) return;
    this.hold(wanted);
    this.wantedHub = wanted.hub;
    this.sender.setMode(rendition === 'keyframes-only' ? 'keyframes-only' : 'all');
    this.sender.switchTo(wanted.hub);
    // A switch that was under way is given up by another, and by one back.
    this.releaseAllBut(this.sentHub, wanted.hub);
    this.endPreviousIfMissing();
  }

  private hold({ name, hub }: FeedRendition): void {
    if (!this.leases.has(hub)) this.leases.set(hub, this.camera.acquireRendition(name));
  }

  private releaseAllBut(...hubs: (RenditionHub | null)[]): void {
    for (const [held, lease] of this.leases) {
      if (hubs.includes(held)) continue;
      this.leases.delete(held);
      lease.release();
    }
  }

  private tell(choice: RenditionChoice<RenditionName>, targetKbps: number, nowMs: number): void {
    this.news = null;
    this.toldAtMs = nowMs;
    this.framesTold = this.sender?.stats.framesSent ?? 0;
    this.options.onQuality({
      mid: this.line.mid,
      camera: this.camera.id,
      rendition: choice.rendition,
      targetKbps: Math.round(targetKbps),
      reason: this.reasonFor(choice),
    });
  }

  private reasonFor({ rendition, reason }: RenditionChoice<RenditionName>): QualityReason {
    if (reason === 'start') return reason;
    if (reason === 'target-high') return 'increase';
    // Nobody can pin single pictures: they are what the path leaves of the pinned size.
    return reason === 'pinned' && rendition !== 'keyframes-only' ? reason : this.options.path.reason;
  }
}
