const slotMs = 25;

/** The least delay of a slot. */
export interface DelaySlot {
  delayMs: number;
  /** From the beginning of the slot to that of the next one. */
  elapsedMs: number;
}

/**
 * Thins out delays to the least one of each 25 ms, which jitter can only raise: a queue delays all packets, jitter
 * only some.
 */
export class DelaySlots {
  private startMs: number | null = null;
  private leastMs = Number.POSITIVE_INFINITY;

  /** Returns the slot that this sample ends, or null. @param atMs on the receiver's clock */
  add(delayMs: number, atMs: number): DelaySlot | null {
    this.startMs ??= atMs;
    const elapsedMs = atMs - this.startMs;
    if (elapsedMs < slotMs) {
      this.leastMs = Math.min(this.leastMs, delayMs);
      return null;
    }
    const slot = { delayMs: this.leastMs, elapsedMs };
    this.leastMs = delayMs;
    this.startMs = atMs;
    return slot;
  }

  reset(): void {
    this.startMs = null;
    this.leastMs = Number.POSITIVE_INFINITY;
  }
}
