import type { QualityEvent } from '../../protocol/events.ts';
import { LatencyMeter } from './latency-meter.ts';
import type { ShownFrame } from './shown-frame.ts';
import { emptyPictureStats, StatsMeter } from './stats-meter.ts';
import type { LineCounters } from './video-counters.ts';
import type { LineStats } from './viewer-stats.ts';

/** Everything that is measured about the pictures of one video line. */
export class LineMeter {
  readonly mid: string;
  private readonly latency = new LatencyMeter();
  private readonly rates = new StatsMeter();
  private firstFrameAtMs: number | null = null;
  private quality: QualityEvent | null = null;
  private camera: string;

  /** @param options.camera which the line begins with */
  constructor(options: { mid: string; camera: string }) {
    this.mid = options.mid;
    this.camera = options.camera;
  }

  /** @param rtpOffset see `Pong.lines` */
  setRtpOffset(rtpOffset: number): void {
    this.latency.setRtpOffset(rtpOffset);
  }

  /** @param clockOffsetMs how far the device's clock is ahead; null while unknown */
  handleFrame({ rtpTimestamp, shownAtMs }: ShownFrame, clockOffsetMs: number | null): void {
    this.firstFrameAtMs ??= shownAtMs;
    if (rtpTimestamp !== null && clockOffsetMs !== null) {
      this.latency.handleFrame({ rtpTimestamp, shownAtMs }, clockOffsetMs);
    }
  }

  handleQuality(quality: QualityEvent): void {
    this.quality = quality;
    this.camera = quality.camera;
  }

  /** @param counters absent while nothing has been received */
  measure(counters: LineCounters | undefined, atMs: number, helloSentAtMs: number): LineStats {
    const { mid, camera, quality, firstFrameAtMs } = this;
    return {
      ...emptyPictureStats,
      mid,
      camera,
      firstFrameMs: firstFrameAtMs === null ? null : Math.round(firstFrameAtMs - helloSentAtMs),
      glassToGlassMs: this.latency.takeMs(),
      targetKbps: quality?.targetKbps ?? null,
      rendition: quality?.rendition ?? null,
      qualityReason: quality?.reason ?? null,
      ...(counters && {
        ...this.rates.measure(counters, atMs),
        width: counters.width,
        height: counters.height,
        codec: counters.codec,
      }),
    };
  }
}
