import type { VideoTotals } from './video-counters.ts';
import type { PictureStats, ViewerStats } from './viewer-stats.ts';

/** What follows from the totals alone. */
export type Rates = Pick<
  PictureStats,
  | 'framesDecoded'
  | 'framesPerSecond'
  | 'bitrateKbps'
  | 'packetsReceived'
  | 'packetsLost'
  | 'lossPercent'
  | 'jitterBufferMs'
  | 'freezeCount'
>;

export const emptyPictureStats: PictureStats = {
  firstFrameMs: null,
  framesDecoded: 0,
  framesPerSecond: 0,
  bitrateKbps: 0,
  glassToGlassMs: null,
  targetKbps: null,
  rendition: null,
  qualityReason: null,
  packetsReceived: 0,
  packetsLost: 0,
  lossPercent: 0,
  jitterBufferMs: null,
  freezeCount: 0,
  width: null,
  height: null,
  codec: null,
};

export const emptyStats: ViewerStats = {
  ...emptyPictureStats,
  lines: [],
  rttMs: null,
  localCandidate: null,
  remoteCandidate: null,
};

const noTotals: VideoTotals = {
  framesDecoded: 0,
  bytesReceived: 0,
  packetsReceived: 0,
  packetsLost: 0,
  jitterBufferDelayMs: 0,
  jitterBufferFrames: 0,
  freezeCount: 0,
};

/** Turns running totals, read about once a second, into rates. One meter serves one connection, or one line of it. */
export class StatsMeter {
  private last: { totals: VideoTotals; atMs: number } | null = null;

  measure(totals: VideoTotals, atMs: number): Rates {
    const before = this.last;
    this.last = { totals, atMs };
    const seconds = before ? Math.max(0.001, (atMs - before.atMs) / 1000) : 1;
    const grown = (key: keyof VideoTotals) => Math.max(0, totals[key] - (before?.totals ?? noTotals)[key]);
    const lost = grown('packetsLost');
    const expected = lost + grown('packetsReceived');
    const emitted = grown('jitterBufferFrames');
    return {
      framesDecoded: totals.framesDecoded,
      framesPerSecond: roundTenth(grown('framesDecoded') / seconds),
      bitrateKbps: Math.round((grown('bytesReceived') * 8) / 1000 / seconds),
      packetsReceived: totals.packetsReceived,
      packetsLost: totals.packetsLost,
      lossPercent: expected > 0 ? roundTenth((100 * lost) / expected) : 0,
      jitterBufferMs: emitted > 0 ? roundTenth(grown('jitterBufferDelayMs') / emitted) : null,
      freezeCount: totals.freezeCount,
    };
  }
}

export function roundTenth(value: number): number {
  return Math.round(value * 10) / 10;
}
