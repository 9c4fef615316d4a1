/** Two of these are looked back on, so that the clocks of both sides may drift apart by some milliseconds a minute. */
const bucketMs = 15_000;

/**
 * How long packets wait in queues: their one-way delay above the least one of the last 15 to 30 seconds. The constant
 * difference of the two clocks cancels out.
 */
export class QueueDelay {
  private bucketStartMs = Number.NEGATIVE_INFINITY;
  private bucketMinMs = Number.POSITIVE_INFINITY;
  private previousMinMs = Number.POSITIVE_INFINITY;
  private feedbackMinMs = Number.POSITIVE_INFINITY;
  private latestMs = 0;

  /** At the end of the last feedback message. Jitter counts as little as it can: the luckiest packet is measured. */
  get ms(): number {
    return this.latestMs;
  }

  /** The least one-way delay: the path without queues. Infinity while unknown. */
  get baseMs(): number {
    return Math.min(this.bucketMinMs, this.previousMinMs, this.feedbackMinMs);
  }

  /** @param oneWayMs arrival minus sending, the receiver's clock minus ours */
  add(oneWayMs: number): void {
    this.feedbackMinMs = Math.min(this.feedbackMinMs, oneWayMs);
  }

  endFeedback(atMs: number): void {
    if (this.feedbackMinMs === Number.POSITIVE_INFINITY) return;
    if (atMs - this.bucketStartMs >= bucketMs) {
      this.previousMinMs = this.bucketMinMs;
      this.bucketMinMs = Number.POSITIVE_INFINITY;
      this.bucketStartMs = atMs;
    }
    this.bucketMinMs = Math.min(this.bucketMinMs, this.feedbackMinMs);
    this.latestMs = this.feedbackMinMs - Math.min(this.bucketMinMs, this.previousMinMs);
    this.feedbackMinMs = Number.POSITIVE_INFINITY;
  }

  reset(): void {
    this.bucketStartMs = Number.NEGATIVE_INFINITY;
    this.bucketMinMs = Number.POSITIVE_INFINITY;
    this.previousMinMs = Number.POSITIVE_INFINITY;
    this.feedbackMinMs = Number.POSITIVE_INFINITY;
    this.latestMs = 0;
  }
}
