/**
 * The two clocks of the media engine. One object serves the whole process, and the times of access units are read from
 * it.
 */
export interface MediaClock {
  /** Monotonic milliseconds with fractions, from any origin. Everything but sender reports is measured on it. */
  nowMs(): number;
  /** Milliseconds since 1970; may jump when the device learns the time. */
  wallClockMs(): number;
}
