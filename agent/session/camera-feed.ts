import type { CameraInfo } from '../../protocol/messages.ts';
import type { RenditionHub } from '../media/rendition-hub.ts';

/** A camera as sessions and commands see it. */
export interface CameraFeed {
  readonly id: string;
  readonly info: CameraInfo;
  /** Where viewers of this camera subscribe. */
  readonly hub: RenditionHub;
  /** What the SDP says about the stream (RFC 6184 8.1). */
  readonly profileLevelId: string;
  /** Keeps the camera running until released; it lingers a while after the last. */
  acquire(): { release(): void };
  /** @returns a JPEG of the next frame. @throws RpcError-free Error with a reason for people */
  takeSnapshot(signal: AbortSignal): Promise<Uint8Array>;
  onChange(listener: (info: CameraInfo) => void): () => void;
}
