import type { VideoCounters, ViewerStats } from './viewer-stats.ts';

export const emptyStats: ViewerStats = {
  firstFrameMs: null,
  glassToGlassMs: null,
  targetKbps: null,
  rendition: null,
  qualityReason: null,
  framesDecoded: 0,
  framesPerSecond: 0,
  bitrateKbps: 0,
  rttMs: null,
  packetsReceived: 0,
  packetsLost: 0,
  lossPercent: 0,
  jitterBufferMs: null,
  freezeCount: 0,
  width: null,
  height: null,
  codec: null,
  localCandidate: null,
  remoteCandidate: null,
};

/** What is known from elsewhere than the totals. */
export type KnownStats = Pick<
  ViewerStats,
  'firstFrameMs' | 'glassToGlassMs' | 'rttMs' | 'targetKbps' | 'rendition' | 'qualityReason'
>;

/** Turns running totals, read about once a second, into rates. One meter serves one connection. */
export class StatsMeter {
  private last: { counters: VideoCounters; atMs: number } | null = null;

  measure(counters: VideoCounters, atMs: number, known: KnownStats): ViewerStats {
    const before = this.last;
    this.last = { counters, atMs };
    const seconds = before ? Math.max(0.001, (atMs - before.atMs) / 1000) : 1;
    const grown = (key: CounterName) => Math.max(0, counters[key] - (before?.counters[key] ?? 0));
    const lost = grown('packetsLost');
    const expected = lost + grown('packetsReceived');
    const emitted = grown('jitterBufferFrames');
    return {
      ...known,
      framesDecoded: counters.framesDecoded,
      framesPerSecond: round(grown('framesDecoded') / seconds),
      bitrateKbps: Math.round((grown('bytesReceived') * 8) / 1000 / seconds),
      rttMs: known.rttMs === null ? null : round(known.rttMs),
      packetsReceived: counters.packetsReceived,
      packetsLost: counters.packetsLost,
      lossPercent: expected > 0 ? round((100 * lost) / expected) : 0,
      jitterBufferMs: emitted > 0 ? round(grown('jitterBufferDelayMs') / emitted) : null,
      freezeCount: counters.freezeCount,
      width: counters.width,
      height: counters.height,
      codec: counters.codec,
      localCandidate: counters.localCandidate,
      remoteCandidate: counters.remoteCandidate,
    };
  }
}

type CounterName = {
  [Name in keyof VideoCounters]: VideoCounters[Name] extends number ? Name : never;
}[keyof VideoCounters];

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
