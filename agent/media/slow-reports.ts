const intervalMs = 1_000;

/** Adds up what a slow viewer misses and tells it at most once a second, a second after the first of it. */
export class SlowReports {
  private readonly onReport: (count: number) => void;
  private count = 0;
  private timer: NodeJS.Timeout | null = null;

  constructor(onReport: (count: number) => void) {
    this.onReport = onReport;
  }

  add(count: number): void {
    if (count === 0) return;
    this.count += count;
    this.timer ??= setTimeout(() => this.report(), intervalMs);
  }

  /** Nothing is told any more. Idempotent. */
  close(): void {
    if (this.timer !== null) clearTimeout(this.timer);
  }

  private report(): void {
    const { count } = this;
    this.timer = null;
    this.count = 0;
    this.onReport(count);
  }
}
