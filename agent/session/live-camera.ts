import type { CameraInfo } from '../../protocol/messages.ts';
import type { Camera, CameraStatus } from '../camera/camera.ts';
import { H264Packetizer } from '../media/h264-packetizer.ts';
import type { MediaClock } from '../media/media-clock.ts';
import { RenditionHub } from '../media/rendition-hub.ts';
import type { CameraFeed } from './camera-feed.ts';

/** Joins one camera with the hub of its viewers: frames go down, wishes for a keyframe go up. */
export class LiveCamera implements CameraFeed {
  readonly hub: RenditionHub;
  private readonly camera: Camera;

  /** @param buildCamera makes the camera around the function that takes its frames */
  constructor(options: {
    clock: MediaClock;
    buildCamera(onAccessUnit: RenditionHub['handleAccessUnit']): Camera;
    onError(error: unknown): void;
  }) {
    this.camera = options.buildCamera((unit) => this.hub.handleAccessUnit(unit));
    this.hub = new RenditionHub({
      packetizer: new H264Packetizer(),
      clock: options.clock,
      onKeyframeNeeded: () => void this.camera.requestKeyframe('top'),
      onSubscriberError: options.onError,
    });
  }

  get id(): string {
    return this.camera.id;
  }

  get info(): CameraInfo {
    return this.describe(this.camera.status);
  }

  get profileLevelId(): string {
    return this.camera.profileLevelId;
  }

  acquire(): { release(): void } {
    return this.camera.acquireRendition('top');
  }

  async takeSnapshot(signal: AbortSignal): Promise<Uint8Array> {
    return (await this.camera.takeSnapshot(signal)).jpeg;
  }

  onChange(listener: (info: CameraInfo) => void): () => void {
    return this.camera.onStatus((status) => listener(this.describe(status)));
  }

  async stop(): Promise<void> {
    await this.camera.stop();
    this.hub.close();
  }

  private describe(status: CameraStatus): CameraInfo {
    return { id: this.camera.id, name: this.camera.name, ...status };
  }
}
