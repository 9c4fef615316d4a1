/** Two of these are looked back on, so that the clocks of both sides may drift apart by some milliseconds a minute. */
const bucketMs = 15_000;
/** A queue stands when no packet has waited for less than this... */
const standingDelayMs = 50;
/** ...while packets arrived for so long: what a receiver notices late, after a stall of its own, it reads within less... */
const standingMs = 80;
/** ...and at so many moments: of a few packets a second, one after the other may meet with a stall... */
const standingMoments = 5;
const momentMs = 5;
/** ...unless they wait for longer than receivers use to stall. */
const standingLongMs = 400;

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
  /** On the receiver's clock. */
  private waitingSinceMs: number | null = null;
  private arrivedAtMs = 0;
  private waitingMoments = 0;
  private momentAtMs = 0;
  private waitMs = 0;

  /** At the end of the last feedback message. Jitter counts as little as it can: the luckiest packet is measured. */
  get ms(): number {
    return this.latestMs;
  }

  /** The least one-way delay: the path without queues. Infinity while unknown. */
  get baseMs(): number {
    return Math.min(this.bucketMinMs, this.previousMinMs, this.feedbackMinMs);
  }

  /**
   * Whether packets have waited for some time without a break. A stall of the receiver delays a few packets much, but they
   * arrive all at once, and those after them in time.
   */
  get isStanding(): boolean {
    if (this.waitingSinceMs === null || this.arrivedAtMs - this.waitingSinceMs < standingMs) return false;
    return this.waitingMoments >= standingMoments || this.waitMs >= standingLongMs;
  }

  /**
   * @param packet.oneWayMs arrival minus sending, the receiver's clock minus ours
   * @param packet.ownQueueMs see `OwnQueue`
   * @param packet.arrivedAtMs on the receiver's clock
   */
  add({ oneWayMs, ownQueueMs, arrivedAtMs }: { oneWayMs: number; ownQueueMs: number; arrivedAtMs: number }): void {
    this.feedbackMinMs = Math.min(this.feedbackMinMs, oneWayMs);
    this.arrivedAtMs = arrivedAtMs;
    this.waitMs = oneWayMs - this.baseMs - ownQueueMs;
    if (this.waitMs < standingDelayMs) {
      this.waitingSinceMs = null;
      this.waitingMoments = 0;
    } else if (this.waitingSinceMs === null || arrivedAtMs - this.momentAtMs >= momentMs) {
      this.waitingSinceMs ??= arrivedAtMs;
      this.waitingMoments += 1;
      this.momentAtMs = arrivedAtMs;
    }
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
    this.waitingSinceMs = null;
  }
}
