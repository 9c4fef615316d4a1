/** The RTP clock of video (RFC 6184 8.2.1 and RFC 7741 6.1: 90 kHz). */
const ticksPerMs = 90;

/**
 * The RTP times of one video line: the capture times of its pictures on the monotonic clock, in ticks of 1/90000 s. All lines
 * and renditions share that clock, so a viewer can be moved from one to the other, and sender reports need no picture to
 * go by.
 */
export class MediaTimeline {
  private lastTicks = Number.NEGATIVE_INFINITY;

  /**
   * The time of the next picture; always greater than that of the one before, even if another rendition is that of an
   * earlier moment.
   */
  place(capturedAtMs: number): number {
    this.lastTicks = Math.max(this.lastTicks + 1, this.ticksAt(capturedAtMs));
    return this.lastTicks;
  }

  /** The time that belongs to a moment of the monotonic clock. */
  ticksAt(monotonicMs: number): number {
    return Math.round(monotonicMs * ticksPerMs);
  }
}
