import { z } from 'zod';
import { parseWith } from '../../protocol/messages.ts';
import { LatencyMeter } from './latency-meter.ts';
import { StatsMeter } from './stats-meter.ts';
import type { VideoCounters, ViewerStats } from './viewer-stats.ts';

/** A frame on the screen. */
export interface ShownFrame {
  /** Of the frame, 32 bits; null where the platform does not tell. */
  rtpTimestamp: number | null;
  /** When it is shown, on the clock of `performance.now()`. */
  shownAtMs: number;
}

/** What the device tells when it changes what it sends. */
const qualitySchema = z.object({
  camera: z.string(),
  rendition: z.string(),
  targetKbps: z.number().nullable(),
  reason: z.string(),
});

/** Everything that is measured about the pictures of one session. */
export class PictureMeter {
  private readonly latency = new LatencyMeter();
  private readonly rates = new StatsMeter();
  private firstFrameAtMs: number | null = null;
  private quality: z.infer<typeof qualitySchema> | null = null;

  setLines(lines: readonly { mid: string; rtpOffset: number }[]): void {
    this.latency.setLines(lines);
  }

  /** @param clockOffsetMs how far the device's clock is ahead; null while unknown */
  handleFrame(mid: string, { rtpTimestamp, shownAtMs }: ShownFrame, clockOffsetMs: number | null): void {
    this.firstFrameAtMs ??= shownAtMs;
    if (rtpTimestamp !== null && clockOffsetMs !== null) {
      this.latency.handleFrame({ mid, rtpTimestamp, shownAtMs }, clockOffsetMs);
    }
  }

  handleNotification(method: string, params: unknown): void {
    const quality = method === 'event.quality' ? parseWith(qualitySchema, params) : null;
    if (quality?.ok) this.quality = quality.value;
  }

  measure(counters: VideoCounters, atMs: number, known: { helloSentAtMs: number; rttMs: number | null }): ViewerStats {
    return this.rates.measure(counters, atMs, {
      firstFrameMs: this.firstFrameAtMs === null ? null : Math.round(this.firstFrameAtMs - known.helloSentAtMs),
      glassToGlassMs: this.latency.takeMs(),
      rttMs: known.rttMs === null ? null : Math.round(known.rttMs * 10) / 10,
      targetKbps: this.quality?.targetKbps ?? null,
      rendition: this.quality?.rendition ?? null,
      qualityReason: this.quality?.reason ?? null,
    });
  }
}
