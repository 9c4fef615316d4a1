import type { CameraInfo } from '../../protocol/messages.ts';
import type { MediaClock } from '../media/media-clock.ts';
import { Pacer } from '../media/pacer.ts';
import type { TransportSequence } from '../media/transport-sequence.ts';
import { VideoSender, type VideoSenderStats } from '../media/video-sender.ts';
import type { PeerTrack, VideoLine } from '../rtc/peer.ts';
import type { CameraFeed } from './camera-feed.ts';

/** Dynamic payload types (RFC 3551 section 6) of our offers. */
const payloadTypes = { h264: 102, h264Rtx: 103 } as const;

/** One camera on one video line of one session: keeps the camera running and sends it once the track is open. */
export class VideoFeed {
  readonly camera: CameraFeed;
  readonly line: VideoLine;
  private readonly clock: MediaClock;
  private readonly transportSequence: TransportSequence;
  private readonly onCameraChange: (info: CameraInfo) => void;
  private hold: { release(): void } | null = null;
  private stopListening: () => void = () => {};
  private sender: VideoSender | null = null;

  constructor(options: {
    camera: CameraFeed;
    mid: string;
    ssrc: number;
    rtxSsrc: number;
    cname: string;
    clock: MediaClock;
    /** Numbers of the transport-wide congestion control, shared by all lines of a connection. */
    transportSequence: TransportSequence;
    onCameraChange(info: CameraInfo): void;
  }) {
    this.camera = options.camera;
    this.clock = options.clock;
    this.transportSequence = options.transportSequence;
    this.onCameraChange = options.onCameraChange;
    this.line = {
      kind: 'video',
      mid: options.mid,
      ssrc: options.ssrc,
      payloadType: payloadTypes.h264,
      cname: options.cname,
      codec: { name: 'h264', profileLevelId: options.camera.profileLevelId },
      rtx: { ssrc: options.rtxSsrc, payloadType: payloadTypes.h264Rtx },
      onRtcp: (packet) => this.sender?.handleRtcp(packet),
    };
  }

  get stats(): VideoSenderStats | null {
    return this.sender?.stats ?? null;
  }

  /** Starts the camera, so that it has pictures by the time the path is up. */
  open(): void {
    this.hold = this.camera.acquire();
    this.stopListening = this.camera.onChange(this.onCameraChange);
  }

  attach(track: PeerTrack): void {
    if (!this.hold || this.sender) return;
    const { ssrc, payloadType, cname } = this.line;
    this.sender = new VideoSender({
      hub: this.camera.hub,
      transport: track,
      transportSequence: this.transportSequence,
      pacer: new Pacer({ clock: this.clock }),
      ssrc,
      payloadType,
      cname,
      clock: this.clock,
    });
    this.sender.open();
  }

  close(): void {
    this.sender?.close();
    this.stopListening();
    this.hold?.release();
    this.hold = null;
  }
}
