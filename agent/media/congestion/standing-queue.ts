/** From this queue on a decrease to 85 % would take too long to empty it. */
const beginMs = 100;
const endMs = 40;
/** The queue is meant to be gone after about this time. */
const horizonMs = 800;
const shareMin = 0.3;
/** Beyond the time that the report of the first packets sent slower waits in the very queue. */
const drainMaxMs = 3_000;
const contestMs = 15_000;
/** A queue that grows so far beyond what it was is ours again. */
const contestGrowth = 2;

type Phase =
  | { name: 'none' }
  | { name: 'draining'; sinceMs: number }
  | { name: 'contested'; sinceMs: number; queueMs: number };

/**
 * Deals with a queue that has become long. First it sends less for a moment, so that several hundred milliseconds are
 * gone within a second or two, where the slack of the usual decrease would take ten. A queue that stays nevertheless is
 * filled by somebody else who does not mind delay (TCP): giving way further would starve us, so the rate is held for a
 * while. Google's sender has no such step.
 */
export class StandingQueue {
  private phase: Phase = { name: 'none' };
  private queueMs = 0;

  /** @param didDecrease whether over-use has just lowered the rate */
  update({ queueMs, didDecrease, atMs }: { queueMs: number; didDecrease: boolean; atMs: number }): void {
    this.queueMs = queueMs;
    if (queueMs < endMs) this.phase = { name: 'none' };
    else if (this.phase.name === 'none') {
      if (didDecrease && queueMs > beginMs) this.phase = { name: 'draining', sinceMs: atMs };
    } else if (this.phase.name === 'draining') {
      const isOverdue = atMs - this.phase.sinceMs > drainMaxMs + queueMs;
      if (isOverdue) this.phase = { name: 'contested', sinceMs: atMs, queueMs };
    } else if (atMs - this.phase.sinceMs > contestMs || queueMs > this.phase.queueMs * contestGrowth) {
      this.phase = { name: 'none' };
    }
  }

  /** Infinity, or the rate at which the queue empties. @param estimateKbps of the rate control */
  drainKbps(estimateKbps: number): number {
    if (this.phase.name !== 'draining') return Number.POSITIVE_INFINITY;
    return estimateKbps * Math.max(shareMin, 1 - this.queueMs / horizonMs);
  }

  /**
   * Whether over-use is no reason for a decrease now: what arrives shows how little is sent to drain the queue, once
   * the packets from before have left it, or the queue is somebody else's.
   */
  excusesOveruse(atMs: number): boolean {
    if (this.phase.name === 'draining') return atMs - this.phase.sinceMs > this.queueMs;
    return this.phase.name === 'contested';
  }
}
