/** Tells when something that should come steadily does not: later for the first time, soon for those after it. */
export class Watchdog {
  private readonly firstTimeoutMs: number;
  private readonly timeoutMs: number;
  private readonly onSilence: (timeoutMs: number) => void;
  private timer: NodeJS.Timeout | null = null;
  private isFed = false;

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
    if (this.isFed) this.timer?.refresh();
    else this.wait(this.timeoutMs);
    this.isFed = true;
  }

  stop(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }

  private wait(timeoutMs: number): void {
    this.stop();
    this.timer = setTimeout(() => this.onSilence(timeoutMs), timeoutMs);
  }
}
