const gapMs = 500;
/** Having sent nothing for so long, nothing is to be reported. */
const idleMs = 500;

/**
 * Notices that a receiver which reports has fallen silent while packets are sent to it. Begins with the first feedback:
 * not every receiver sends any.
 */
export class FeedbackGap {
  private waitingSinceMs: number | null = null;
  private sentAtMs = Number.NEGATIVE_INFINITY;
  private isOpen = false;

  handleSent(atMs: number, rttMs: number): void {
    const wasIdle = atMs - this.sentAtMs >= idleMs;
    this.sentAtMs = atMs;
    if (wasIdle && this.waitingSinceMs !== null) this.waitingSinceMs = Math.max(this.waitingSinceMs, atMs + rttMs);
  }

  /** Returns whether that ended a gap. */
  handleFeedback(atMs: number): boolean {
    const wasOpen = this.isOpen;
    this.isOpen = false;
    this.waitingSinceMs = Math.max(this.waitingSinceMs ?? atMs, atMs);
    return wasOpen;
  }

  /** Returns whether another half second has passed in vain; the caller is to halve its rate then. */
  handleTick(atMs: number): boolean {
    if (this.waitingSinceMs === null || atMs - this.sentAtMs >= idleMs || atMs - this.waitingSinceMs <= gapMs) {
      return false;
    }
    this.waitingSinceMs = atMs;
    this.isOpen = true;
    return true;
  }
}
