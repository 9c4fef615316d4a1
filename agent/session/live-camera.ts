import type { CameraInfo } from '../../protocol/messages.ts';
import type { Camera, CameraStatus } from '../camera/camera.ts';
import type { AccessUnit } from '../media/access-unit.ts';
import { H264Packetizer } from '../media/h264-packetizer.ts';
import type { MediaClock } from '../media/media-clock.ts';
import { RenditionHub } from '../media/rendition-hub.ts';
import { Vp8Packetizer } from '../media/vp8-packetizer.ts';
import type { CameraSource } from '../sources/camera-source.ts';
import type { CameraFeed, FeedRendition, RenditionName } from './camera-feed.ts';

/** Joins one camera with the hubs of its renditions: frames go down, wishes for a keyframe go up. */
export class LiveCamera implements CameraFeed {
  private readonly camera: Camera;
  private readonly hubs: ReadonlyMap<RenditionName, RenditionHub>;
  private notice: string | undefined;

  /**
   * @param options.buildCamera makes the camera around the function that takes its frames
   * @param options.notice is told while nothing is wrong with it: what it stands in for, for people
   */
  constructor(options: {
    clock: MediaClock;
    notice?: string;
    buildCamera(onAccessUnit: (unit: AccessUnit, rendition: RenditionName) => void): Camera;
    onError(error: unknown): void;
  }) {
    this.notice = options.notice;
    this.camera = options.buildCamera((unit, rendition) => this.hubs.get(rendition)?.handleAccessUnit(unit));
    // Of every rendition that there may be: whether VP8 is among them can turn out later.
    this.hubs = new Map(
      this.camera.renditions.map(({ name, codec }) => {
        const hub = new RenditionHub({
          packetizer: codec === 'vp8' ? new Vp8Packetizer() : new H264Packetizer(),
          clock: options.clock,
          onKeyframeNeeded: () => void this.camera.requestKeyframe(name),
          onSubscriberError: options.onError,
        });
        return [name, hub];
      }),
    );
  }

  get renditions(): readonly FeedRendition[] {
    return this.camera.renditions.flatMap(({ name, codec, bitrateKbps }) => {
      const hub = this.hubs.get(name);
      return hub ? [{ name, codec, bitrateKbps, hub }] : [];
    });
  }

  get id(): string {
    return this.camera.id;
  }

  get info(): CameraInfo {
    return this.describe(this.camera.status);
  }

  /** Like {@link info}; where nobody watches it, whether it is there is looked at now. */
  async look(): Promise<CameraInfo> {
    return this.describe(await this.camera.look());
  }

  /** What is wrong with its supervision; null while nothing is. */
  problem(): string | null {
    return this.camera.problem();
  }

  get profileLevelId(): string {
    return this.camera.profileLevelId;
  }

  acquireRendition(name: RenditionName): { release(): void } {
    return this.camera.acquireRendition(name);
  }

  async takeSnapshot(signal: AbortSignal): Promise<Uint8Array> {
    return (await this.camera.takeSnapshot(signal)).jpeg;
  }

  /** Shows another source from now on, to those as well who watch it. Of it there is no more notice. */
  replaceSource(source: CameraSource, name: string): void {
    this.notice = undefined;
    this.camera.replaceSource(source, name);
  }

  onChange(listener: (info: CameraInfo) => void): () => void {
    return this.camera.onStatus((status) => listener(this.describe(status)));
  }

  async stop(): Promise<void> {
    await this.camera.stop();
    for (const hub of this.hubs.values()) hub.close();
  }

  private describe(status: CameraStatus): CameraInfo {
    const reason = status.reason ?? this.notice;
    return { id: this.camera.id, name: this.camera.name, state: status.state, ...(reason !== undefined && { reason }) };
  }
}
