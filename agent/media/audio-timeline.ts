/** Beyond this the source has left something out, or starts anew. */
const gapMinTicks = 9_600; // 200 ms

/** How much one unit moves the estimate of the skew: a time constant of 1.3 s with units of 20 ms. */
const skewWeight = 1 / 64;

/**
 * The RTP times of a sound, in ticks of 1/48000 s. They count samples, since a receiver conceals every gap of even one
 * sample, while capture times jitter by milliseconds, and the sound card's clock is never quite that of the process. What
 * lies between the count and the capture times is the skew: it is smoothed, and sender reports take it into account, so
 * that sound and picture stay together however long they play.
 */
export class AudioTimeline {
  private readonly ticksPerMs: number;
  private nextTicks: number | null = null;
  private skewTicks = 0;

  constructor(ticksPerMs: number) {
    this.ticksPerMs = ticksPerMs;
  }

  /** The time of the next unit. It follows the one before without a gap, unless the source left one. */
  place(unit: { capturedAtMs: number; durationTicks: number }): number {
    const capturedTicks = Math.round(unit.capturedAtMs * this.ticksPerMs);
    const ticks = this.nextTicks === null ? capturedTicks : this.follow(this.nextTicks, capturedTicks);
    this.nextTicks = ticks + unit.durationTicks;
    return ticks;
  }

  /** The time that belongs to a moment of the monotonic clock. */
  ticksAt(monotonicMs: number): number {
    return Math.round(monotonicMs * this.ticksPerMs - this.skewTicks);
  }

  private follow(nextTicks: number, capturedTicks: number): number {
    const deviation = capturedTicks - nextTicks - this.skewTicks;
    if (deviation > gapMinTicks) return Math.round(nextTicks + deviation);
    // Times cannot go back: a source that gives more sound than time has passed is played later.
    this.skewTicks += deviation < -gapMinTicks ? deviation : deviation * skewWeight;
    return nextTicks;
  }
}
