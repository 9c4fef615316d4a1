/** Queues of our own are to empty soon: so much more than the target should fit. */
const headroom = 1.15;

/**
 * The queue that our own bursts would make on a path which carries just the target: the packets of a keyframe or of a
 * probe wait behind each other there although the path has room enough. What is measured beyond it is evidence that
 * the path carries less than the target, or that others fill it; what is not, is no reason to slow down.
 */
export class OwnQueue {
  private bits = 0;
  private updatedAtMs: number | null = null;

  /** Adds a packet. Returns how long it waits, in milliseconds. */
  add(sizeBytes: number, targetKbps: number, atMs: number): number {
    const elapsedMs = Math.max(0, atMs - (this.updatedAtMs ?? atMs));
    this.updatedAtMs = atMs;
    this.bits = Math.max(0, this.bits - elapsedMs * targetKbps * headroom) + sizeBytes * 8;
    return this.bits / targetKbps;
  }
}
