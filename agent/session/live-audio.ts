import type { AudioCapture } from '../audio/audio-capture.ts';
import type { AccessUnit } from '../media/access-unit.ts';
import type { MediaClock } from '../media/media-clock.ts';
import { OpusPacketizer } from '../media/opus-packetizer.ts';
import { RenditionHub } from '../media/rendition-hub.ts';
import type { AudioFeed } from './camera-feed.ts';

/** Joins the capture of sound with the hub of its listeners. */
export class LiveAudio implements AudioFeed {
  readonly hub: RenditionHub;
  readonly bitrateKbps: number;
  private readonly capture: AudioCapture;

  constructor(options: {
    clock: MediaClock;
    bitrateKbps: number;
    buildCapture(onAccessUnit: (unit: AccessUnit) => void): AudioCapture;
    onError(error: unknown): void;
  }) {
    this.bitrateKbps = options.bitrateKbps;
    this.capture = options.buildCapture((unit) => this.hub.handleAccessUnit(unit));
    this.hub = new RenditionHub({
      packetizer: new OpusPacketizer(),
      clock: options.clock,
      // Every packet of sound stands for itself.
      onKeyframeNeeded: () => {},
      onSubscriberError: options.onError,
    });
  }

  acquire(): { release(): void } {
    return this.capture.acquire();
  }

  async stop(): Promise<void> {
    await this.capture.stop();
    this.hub.close();
  }
}
