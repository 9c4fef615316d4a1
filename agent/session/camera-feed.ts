import type { CameraInfo, VideoCodec } from '../../protocol/messages.ts';
import type { RenditionName } from '../camera/renditions.ts';
import type { RenditionHub } from '../media/rendition-hub.ts';

export type { RenditionName };

/** One size of a camera's picture. */
export interface FeedRendition {
  name: RenditionName;
  codec: VideoCodec;
  bitrateKbps: number;
  /** Where its viewers subscribe. */
  hub: RenditionHub;
}

/** What the best rendition of a camera takes; 0 where it has none of the codec. */
export function topKbpsOf(camera: Pick<CameraFeed, 'renditions'>, codec: VideoCodec): number {
  return camera.renditions.find((rendition) => rendition.codec === codec)?.bitrateKbps ?? 0;
}

/** A camera as sessions and commands see it. */
export interface CameraFeed {
  readonly id: string;
  readonly info: CameraInfo;
  /** Highest bitrate of each codec first. */
  readonly renditions: readonly FeedRendition[];
  /** What the SDP says about H.264 (RFC 6184 8.1). */
  readonly profileLevelId: string;
  /** Keeps one rendition coming until released; the camera lingers a while after the last. */
  acquireRendition(name: RenditionName): { release(): void };
  /** @returns a JPEG of the next frame. @throws Error with a reason for people */
  takeSnapshot(signal: AbortSignal): Promise<Uint8Array>;
  onChange(listener: (info: CameraInfo) => void): () => void;
}

/** The device's sound as sessions see it. */
export interface AudioFeed {
  readonly hub: RenditionHub;
  readonly bitrateKbps: number;
  /** Keeps the sound coming until released. */
  acquire(): { release(): void };
}
