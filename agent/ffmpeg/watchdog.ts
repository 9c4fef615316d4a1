/** A timer this late says that our own process stood still, and what came meanwhile has not been read yet. */
const lateMs = 250;
const afterStallMs = 500;

/** Tells when something that should come steadily does not: later for the first time, soon for those after it. */
export class Watchdog {
  private readonly firstTimeoutMs: number;
  private readonly timeoutMs: number;
  private readonly onSilence: (timeoutMs: number) => void;
  private timer: NodeJS.Timeout | null = null;
  private dueAtMs = 0;

  /** @param options.onSilence gets how long nothing came, in milliseconds; once for each silence */
  constructor(options: { firstTimeoutMs: number; timeoutMs: number; onSilence: (timeoutMs: number) => void }) {
    this.firstTimeoutMs = options.firstTimeoutMs;
    this.timeoutMs = options.timeoutMs;
    this.onSilence = options.onSilence;
  }

  /** Begins to wait for the first. What may keep one waiting for ever is not started: then the first one starts it. */
  start(): void {
    this.wait(this.firstTimeoutMs);
  }

  /** It came. */
  feed(): void {
    this.wait(this.timeoutMs);
  }

  stop(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }

  private wait(timeoutMs: number, delayMs = timeoutMs): void {
    this.stop();
    this.dueAtMs = performance.now() + delayMs;
    this.timer = setTimeout(() => this.handleDue(timeoutMs), delayMs);
  }

  private handleDue(timeoutMs: number): void {
    if (performance.now() - this.dueAtMs > lateMs) this.wait(timeoutMs, afterStallMs);
    else this.onSilence(timeoutMs);
  }
}
