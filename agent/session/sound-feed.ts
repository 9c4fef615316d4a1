import type { Buffer } from 'node:buffer';
import { AudioSender } from '../media/audio-sender.ts';
import type { MediaClock } from '../media/media-clock.ts';
import type { AudioLine, PeerTrack } from '../rtc/peer.ts';
import type { AudioFeed } from './camera-feed.ts';
import type { PathControl } from './path-control.ts';

export interface SoundFeedOptions {
  audio: AudioFeed;
  path: PathControl;
  clock: MediaClock;
}

/**
 * The sound of the device on the audio line of one session: captured and sent while its viewer listens, which it does not at
 * first. Sound that nobody hears costs more than its bitrate: browsers hold back the picture to keep it in step.
 */
export class SoundFeed {
  private readonly options: SoundFeedOptions;
  private lease: { release(): void } | null = null;
  private sender: AudioSender | null = null;

  constructor(options: SoundFeedOptions) {
    this.options = options;
  }

  /** What it takes of the path now. */
  get bitrateKbps(): number {
    return this.lease ? this.options.audio.bitrateKbps : 0;
  }

  attach({ ssrc, payloadType, mid, cname }: AudioLine, track: PeerTrack): void {
    const { audio, path, clock } = this.options;
    const { transportSequence, pacer } = path;
    const line = { ssrc, payloadType, mid, cname };
    this.sender ??= new AudioSender({
      ...line,
      hub: audio.hub,
      transport: track,
      transportSequence,
      pacer,
      feedback: path,
      clock,
    });
    if (this.lease) this.sender.open();
  }

  /** Idempotent. It may be said before the track is open. */
  setListening(isListening: boolean): void {
    if (!isListening) {
      this.sender?.pause();
      this.lease?.release();
      this.lease = null;
    } else if (!this.lease) {
      this.lease = this.options.audio.acquire();
      this.sender?.open();
    }
  }

  /** Takes an RTCP packet of the viewer, whether it listens or not: it may tell of the whole path. */
  handleRtcp(packet: Buffer): void {
    this.sender?.handleRtcp(packet);
  }

  close(): void {
    this.sender?.close();
    this.setListening(false);
  }
}
