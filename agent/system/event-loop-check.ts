import type { HealthCheck } from './health-check.ts';

/** A viewer gives a path up after 4 s of silence; a loop that is always this late is of no use to anybody. */
const latenessMaxMs = 1_000;

/**
 * Whether the event loop gets to its work in time. One long block is no illness, and a restart for it would cost every viewer the
 * picture; never being in time is.
 */
export class EventLoopCheck implements HealthCheck {
  private readonly intervalMs: number;
  private lastTickAtMs: number | null = null;
  /** The best tick since it was asked last; null when there was none. */
  private leastLatenessMs: number | null = null;

  /** @param options.intervalMs of the timer that calls {@link handleTick} */
  constructor(options: { intervalMs: number }) {
    this.intervalMs = options.intervalMs;
  }

  handleTick(nowMs: number): void {
    if (this.lastTickAtMs !== null) {
      const latenessMs = nowMs - this.lastTickAtMs - this.intervalMs;
      this.leastLatenessMs = Math.min(latenessMs, this.leastLatenessMs ?? latenessMs);
    }
    this.lastTickAtMs = nowMs;
  }

  /** What was wrong since it was asked last. */
  problem(): string | null {
    const latenessMs = this.leastLatenessMs ?? 0;
    this.leastLatenessMs = null;
    return latenessMs > latenessMaxMs
      ? `the event loop is always late, by ${Math.round(latenessMs)} ms at least`
      : null;
  }
}
