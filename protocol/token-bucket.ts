/** A rate limit: `perSecond` tokens flow in, at most `burst` are kept, and each permitted event takes one. */
export class TokenBucket {
  private readonly perSecond: number;
  private readonly burst: number;
  private readonly nowMs: () => number;
  private tokens: number;
  private filledAtMs: number;

  /** @param nowMs a monotonic clock */
  constructor(options: { perSecond: number; burst: number; nowMs: () => number }) {
    this.perSecond = options.perSecond;
    this.burst = options.burst;
    this.nowMs = options.nowMs;
    this.tokens = options.burst;
    this.filledAtMs = options.nowMs();
  }

  /** Takes one token. @returns false when there is none, and the event must be refused */
  take(): boolean {
    const nowMs = this.nowMs();
    this.tokens = Math.min(this.burst, this.tokens + ((nowMs - this.filledAtMs) / 1000) * this.perSecond);
    this.filledAtMs = nowMs;
    if (this.tokens < 1) return false;
    this.tokens -= 1;
    return true;
  }
}
