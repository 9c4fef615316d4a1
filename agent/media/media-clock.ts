/**
 * The two clocks of the media engine. One object serves the whole process, and `AccessUnit.arrivedAtMs` is read from
 * it.
 */
export interface MediaClock {
  /** Monotonic milliseconds with fractions, from any origin. Everything but sender reports is measured on it. */
  nowMs(): number;
  /** Milliseconds since 1970; may jump when the device learns the time. */
  wallClockMs(): number;
}

/** The RTP clock of video (RFC 6184 8.2.1: 90 kHz). */
const ticksPerMs = 90;

/** Milliseconds as whole ticks of 1/90000 s. */
export function ticksOf(monotonicMs: number): number {
  return Math.round(monotonicMs * ticksPerMs);
}
