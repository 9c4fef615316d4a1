/**
 * How many bytes may leave now: a budget that grows with time at the pacing rate, up to a burst, and shrinks with what is
 * sent. It may be overdrawn by the last packet, and by what cannot wait. What may leave beyond it once, at the beginning,
 * is used up first.
 */
export class PacingBudget {
  private readonly burstMs: number;
  private bytesPerMs = 0;
  private bytes = 0;
  private filledAtMs = 0;
  private firstBytesLeft: number;

  /**
   * @param burstMs what may leave at once after a pause: as much as the rate gives in this time
   * @param firstBytes what may leave once, whatever the rate
   */
  constructor(burstMs: number, firstBytes = 0) {
    this.burstMs = burstMs;
    this.firstBytesLeft = firstBytes;
  }

  setRate(kbps: number, nowMs: number): void {
    const isFirst = this.bytesPerMs === 0;
    this.refill(nowMs);
    this.bytesPerMs = kbps / 8;
    this.bytes = isFirst ? this.maxBytes : Math.min(this.bytes, this.maxBytes);
  }

  /** What may leave; 0 or less: nothing. */
  available(nowMs: number): number {
    this.refill(nowMs);
    return this.bytes + this.firstBytesLeft;
  }

  spend(bytes: number): void {
    const ofFirst = Math.min(bytes, this.firstBytesLeft);
    this.firstBytesLeft -= ofFirst;
    this.bytes -= bytes - ofFirst;
  }

  /** How long until something may leave, in milliseconds. */
  waitMs(nowMs: number): number {
    return this.available(nowMs) > 0 ? 0 : -this.bytes / this.bytesPerMs;
  }

  private get maxBytes(): number {
    return this.bytesPerMs * this.burstMs;
  }

  private refill(nowMs: number): void {
    this.bytes = Math.min(this.maxBytes, this.bytes + (nowMs - this.filledAtMs) * this.bytesPerMs);
    this.filledAtMs = nowMs;
  }
}
