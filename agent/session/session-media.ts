import type { Offer, VideoCodec } from '../../protocol/messages.ts';
import { RpcError } from '../../protocol/rpc.ts';
import type { VideoQuality } from '../../protocol/video-quality.ts';
import type { TalkStream } from '../audio/talk-player.ts';
import type { MediaClock } from '../media/media-clock.ts';
import type { AudioLine, PeerTrack, VideoLine } from '../rtc/peer.ts';
import { type AudioFeed, type CameraFeed, topKbpsOf } from './camera-feed.ts';
import { PathControl } from './path-control.ts';
import { SoundFeed } from './sound-feed.ts';
import type { TalkDesk } from './talk-desk.ts';
import { VideoFeed } from './video-feed.ts';

export interface SessionMediaOptions {
  sessionId: string;
  /** What the viewer is called. */
  label: string;
  /** One video line each. */
  cameras: readonly CameraFeed[];
  codec: VideoCodec;
  /** The device's sound, where this viewer gets it. */
  audio: AudioFeed | null;
  /** Where this viewer may be heard. */
  talk: TalkDesk | null;
  clock: MediaClock;
  random(lengthBytes: number): Uint8Array;
  /** Tells the viewer. */
  notify(method: string, params: object): void;
  onPicturesDropped(count: number): void;
}

const audioMid = 'a0';
/** What a line of single pictures takes, whatever the path: less shows nothing. */
const pictureMinKbps = 50;
const opusPayloadType = 111;

/** All media of one session: its video lines, sound in both directions, and the path that they share. */
export class SessionMedia {
  private readonly options: SessionMediaOptions;
  private readonly path: PathControl;
  private readonly feeds: VideoFeed[];
  private readonly audioLine: AudioLine | null;
  private readonly sound: SoundFeed | null;
  private talkStream: TalkStream | null = null;

  constructor(options: SessionMediaOptions) {
    const { audio, talk, clock } = options;
    this.options = options;
    this.path = new PathControl({
      clock,
      neededKbps: this.neededKbps(options.cameras.map((camera) => topKbpsOf(camera, options.codec))),
      minKbps: options.cameras.length * pictureMinKbps + (audio?.bitrateKbps ?? 0),
      onTarget: () => this.handleTarget(),
      onPicturesDropped: options.onPicturesDropped,
    });
    this.feeds = options.cameras.map((camera, index) => this.buildFeed(camera, `v${index}`));
    this.audioLine = audio || talk ? this.buildAudioLine() : null;
    this.sound = audio && new SoundFeed({ audio, path: this.path, clock });
  }

  get lines(): (VideoLine | AudioLine)[] {
    return [...this.feeds.map((feed) => feed.line), ...(this.audioLine ? [this.audioLine] : [])];
  }

  /** The part of the offer that names the lines. */
  get description(): Pick<Offer, 'streams' | 'audio'> {
    return {
      streams: this.feeds.map((feed) => ({ mid: feed.line.mid, camera: feed.cameraId })),
      ...(this.audioLine && {
        audio: { mid: this.audioLine.mid, sound: this.options.audio !== null, talk: this.options.talk !== null },
      }),
    };
  }

  /** See `Pong.lines`. */
  get rtpOffsets(): { mid: string; rtpOffset: number }[] {
    return this.feeds.flatMap(({ line, rtpOffset }) => (rtpOffset === null ? [] : [{ mid: line.mid, rtpOffset }]));
  }

  /** For the log. */
  get stats(): object[] {
    return this.feeds.map((feed) => ({ camera: feed.cameraId, ...feed.stats }));
  }

  /** Starts the cameras ahead of the path. */
  open(): void {
    for (const feed of this.feeds) feed.open();
    this.path.open();
  }

  /** The viewer can be told things from now on: what changed since the offer, and what it gets. */
  handleViewerReady(): void {
    for (const feed of this.feeds) {
      this.options.notify('event.camera', feed.cameraInfo);
      feed.tellAgain();
    }
    this.handleTarget();
  }

  attach(mid: string, track: PeerTrack): void {
    this.feeds.find((feed) => feed.line.mid === mid)?.attach(track);
    if (mid === this.audioLine?.mid) this.sound?.attach(this.audioLine, track);
  }

  /** @throws RpcError `not-found` */
  setQuality(quality: VideoQuality, camera?: string): void {
    const feeds = this.feeds.filter((feed) => camera === undefined || feed.cameraId === camera);
    if (feeds.length === 0) throw new RpcError('not-found', 'This session does not show that camera.');
    for (const feed of feeds) feed.setQuality(quality);
    this.handleTarget();
  }

  /** Shows another camera on the first line. One camera is on one line at most. @throws RpcError `unavailable` */
  selectCamera(camera: CameraFeed): void {
    const [first, ...others] = this.feeds;
    if (!first) throw new RpcError('unavailable', 'This session has no picture.');
    if (others.some((feed) => feed.cameraId === camera.id)) {
      throw new RpcError('unavailable', `${camera.info.name} is on show already.`);
    }
    first.selectCamera(camera);
    this.path.setNeeded(this.neededKbps(this.feeds.map((feed) => feed.topKbps)));
  }

  /** Begins or ends to send the sound of the device. @throws RpcError `forbidden` */
  setListening(isListening: boolean): void {
    if (!this.sound)
      throw new RpcError('forbidden', 'You may not listen here, or this session was opened without sound.');
    this.sound.setListening(isListening);
    this.handleTarget();
  }

  /** @throws RpcError `forbidden` or `unavailable` */
  takeFloor(): void {
    const { talk, sessionId, label } = this.options;
    if (!talk) throw new RpcError('forbidden', 'You may not talk here, or this session was opened without sound.');
    this.talkStream ??= talk.take({ sessionId, label }, opusPayloadType);
  }

  releaseFloor(): void {
    this.talkStream?.close();
    this.talkStream = null;
    this.options.talk?.release(this.options.sessionId);
  }

  /** Idempotent. */
  close(): void {
    this.path.close();
    this.releaseFloor();
    this.sound?.close();
    for (const feed of this.feeds) feed.close();
  }

  private buildFeed(camera: CameraFeed, mid: string): VideoFeed {
    const { codec, sessionId, clock, random, notify } = this.options;
    return new VideoFeed({
      camera,
      codec,
      mid,
      ssrc: readSsrc(random(4)),
      rtxSsrc: readSsrc(random(4)),
      cname: sessionId,
      clock,
      path: this.path,
      onCameraChange: (info) => notify('event.camera', info),
      onQuality: (event) => notify('event.quality', event),
    });
  }

  private buildAudioLine(): AudioLine {
    const { sessionId, random, talk } = this.options;
    return {
      kind: 'audio',
      mid: audioMid,
      ssrc: readSsrc(random(4)),
      payloadType: opusPayloadType,
      cname: sessionId,
      onRtcp: (packet) => this.sound?.handleRtcp(packet),
      ...(talk && { onRtp: (packet: Buffer) => this.talkStream?.handleRtp(packet) }),
    };
  }

  /** What is left of the path beside the sound is shared by the pictures in equal parts. */
  private handleTarget(): void {
    const picturesKbps = Math.max(0, this.path.targetKbps - (this.sound?.bitrateKbps ?? 0));
    const shareKbps = picturesKbps / Math.max(1, this.feeds.length);
    for (const feed of this.feeds) feed.update(shareKbps);
  }

  /** With the sound, which the viewer may turn on at any time. */
  private neededKbps(picturesKbps: number[]): number {
    return picturesKbps.reduce((sum, kbps) => sum + kbps, this.options.audio?.bitrateKbps ?? 0);
  }
}

/** A random SSRC (RFC 3550 section 8.1), never zero, which some receivers take for "none". */
function readSsrc(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(0) || 1;
}
