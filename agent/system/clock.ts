/** Two clocks with two jobs: one for durations, one for people. */
export interface Clock {
  /** Milliseconds that never go back and never jump, from an arbitrary start. Every deadline is measured with this one. */
  nowMs(): number;
  /** Milliseconds since 1970. A device without a real-time clock boots with a wrong one, which jumps once it finds the time. */
  wallClockMs(): number;
}

export const systemClock: Clock = {
  nowMs: () => performance.now(),
  wallClockMs: () => Date.now(),
};
