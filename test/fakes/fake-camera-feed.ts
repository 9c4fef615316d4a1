import { H264Packetizer } from '../../agent/media/h264-packetizer.ts';
import { RenditionHub } from '../../agent/media/rendition-hub.ts';
import type { CameraFeed, FeedRendition } from '../../agent/session/camera-feed.ts';
import { systemClock } from '../../agent/system/clock.ts';
import type { CameraInfo } from '../../protocol/messages.ts';
import { deltaFrame, keyframe } from '../helpers/media-units.ts';

/** A camera that shows what the test gives it, and counts who holds it. */
export class FakeCameraFeed implements CameraFeed {
  readonly id: string;
  readonly profileLevelId = '42c01f';
  readonly listeners = new Set<(info: CameraInfo) => void>();
  readonly hub = buildHub();
  readonly halfHub = buildHub();
  readonly renditions: readonly FeedRendition[];
  info: CameraInfo;
  holdCount = 0;
  isBroken = false;

  constructor(id = 'cam0', { bitrateKbps = 2_000 } = {}) {
    this.id = id;
    this.renditions = [
      { name: 'top', codec: 'h264', bitrateKbps, hub: this.hub },
      { name: 'half', codec: 'h264', bitrateKbps: bitrateKbps / 4, hub: this.halfHub },
    ];
    this.info = { id, name: `Camera ${id}`, state: 'live' };
  }

  acquireRendition(): { release(): void } {
    if (this.isBroken) throw new Error('the camera is stopped');
    this.holdCount += 1;
    return {
      release: () => {
        this.holdCount -= 1;
      },
    };
  }

  async takeSnapshot(): Promise<Uint8Array> {
    return Uint8Array.of(0xff, 0xd8);
  }

  onChange(listener: (info: CameraInfo) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  change(info: Partial<CameraInfo>): void {
    this.info = { ...this.info, ...info };
    for (const listener of this.listeners) listener(this.info);
  }

  /** One group of pictures in every rendition. */
  sendPictures(): void {
    for (const { hub } of this.renditions) {
      hub.handleAccessUnit(keyframe());
      hub.handleAccessUnit(deltaFrame());
    }
  }

  /** Nobody holds it, listens to it or gets pictures of it. */
  get isReleased(): boolean {
    return this.holdCount === 0 && this.listeners.size === 0 && this.hub.stats.subscribers === 0;
  }
}

function buildHub(): RenditionHub {
  return new RenditionHub({
    packetizer: new H264Packetizer(),
    clock: systemClock,
    onKeyframeNeeded: () => {},
    onSubscriberError: (error) => {
      throw error;
    },
  });
}
