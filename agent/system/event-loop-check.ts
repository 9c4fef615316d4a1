import type { HealthCheck } from './health-check.ts';

/** A viewer gives a path up after 4 s of silence; a loop that is always this late is of no use to anybody. */
const latenessMaxMs = 1_000;

/** Of the time in which it was late; whose process has less waits for a processor that others have. */
const ownShareMin = 0.8;

/**
 * Whether the event loop gets to its work in time. One long block is no illness, and a restart for it would cost every viewer the
 * picture; never being in time is. Where other programs take the processor, a restart would only take more of it.
 */
export class EventLoopCheck implements HealthCheck {
  private readonly intervalMs: number;
  private lastTick: { atMs: number; cpuMs: number } | null = null;
  /** The best tick since it was asked last; null when there was none. */
  private leastLatenessMs: number | null = null;

  /** @param options.intervalMs of the timer that calls {@link handleTick} */
  constructor(options: { intervalMs: number }) {
    this.intervalMs = options.intervalMs;
  }

  /** @param cpuMs processor time that the process has had until now */
  handleTick(nowMs: number, cpuMs: number): void {
    if (this.lastTick !== null) {
      const tookMs = nowMs - this.lastTick.atMs;
      const isOwnFault = cpuMs - this.lastTick.cpuMs >= tookMs * ownShareMin;
      const latenessMs = isOwnFault ? tookMs - this.intervalMs : 0;
      this.leastLatenessMs = Math.min(latenessMs, this.leastLatenessMs ?? latenessMs);
    }
    this.lastTick = { atMs: nowMs, cpuMs };
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
