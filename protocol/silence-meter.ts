/**
 * How long the other side has been silent. It is asked at a steady pace; what it is asked late, our own process stood still, and
 * what arrived meanwhile has not been read yet: that time is not counted.
 */
export class SilenceMeter {
  private readonly intervalMs: number;
  private readonly nowMs: () => number;
  private heardAtMs: number;
  private askedAtMs: number;

  /** Begins as if something had just been heard. @param options.intervalMs how often it will be asked */
  constructor(options: { intervalMs: number; nowMs: () => number }) {
    this.intervalMs = options.intervalMs;
    this.nowMs = options.nowMs;
    this.heardAtMs = this.nowMs();
    this.askedAtMs = this.heardAtMs;
  }

  handleHeard(): void {
    this.heardAtMs = this.nowMs();
  }

  /** In milliseconds. To be called once in each interval. */
  measure(): number {
    const nowMs = this.nowMs();
    const lateMs = Math.max(0, nowMs - this.askedAtMs - this.intervalMs);
    this.askedAtMs = nowMs;
    this.heardAtMs = Math.min(nowMs, this.heardAtMs + lateMs);
    return nowMs - this.heardAtMs;
  }
}
