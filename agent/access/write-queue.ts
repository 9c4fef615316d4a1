import type { Backoff } from '../../protocol/backoff.ts';

/**
 * Brings a changing state to a disk that may be slow or full. At most one write runs; changes that come meanwhile share the
 * next one. A write that failed is repeated until one succeeds.
 */
export class WriteQueue {
  private readonly options: WriteQueueOptions;
  private running: Promise<void> | null = null;
  private next: PromiseWithResolvers | null = null;
  private retryTimer: NodeJS.Timeout | null = null;
  private failures = 0;
  private closed = false;

  constructor(options: WriteQueueOptions) {
    this.options = options;
  }

  /**
   * Fulfilled once all that was changed before this call is on disk. Rejected when the attempt fails, which costs only the
   * certainty: the attempts go on.
   */
  request(): Promise<void> {
    if (this.retryTimer) clearTimeout(this.retryTimer);
    this.retryTimer = null;
    this.next ??= withResolvers();
    const { promise } = this.next;
    if (!this.running) this.startNext();
    return promise;
  }

  /** Waits for what runs, tries once more what has failed, and then leaves nothing behind. Never rejects. */
  async close(): Promise<void> {
    this.closed = true;
    if (this.retryTimer) void this.request().catch(() => {});
    while (this.running) await this.running;
  }

  private startNext(): void {
    const attempt = this.next;
    if (!attempt) return;
    this.next = null;
    this.running = this.runAttempt(attempt).then(() => {
      this.running = null;
      this.startNext();
    });
  }

  private async runAttempt(attempt: PromiseWithResolvers): Promise<void> {
    try {
      await this.options.write();
      if (this.failures > 0) this.options.onRecovered();
      this.failures = 0;
      attempt.resolve();
    } catch (error) {
      this.handleFailure(error);
      attempt.reject(error);
    }
  }

  private handleFailure(error: unknown): void {
    const retryInMs = this.closed ? null : this.options.backoff(this.failures);
    this.failures += 1;
    this.options.onFailure(error, retryInMs);
    if (retryInMs !== null) this.retryTimer = setTimeout(() => void this.request().catch(() => {}), retryInMs);
  }
}

export interface WriteQueueOptions {
  /** Takes the state as it is when called, before it first waits, and writes it. */
  write(): Promise<void>;
  backoff: Backoff;
  /** @param retryInMs null when there will be no further attempt */
  onFailure(error: unknown, retryInMs: number | null): void;
  /** The first write that succeeded after some that failed. */
  onRecovered(): void;
}

interface PromiseWithResolvers {
  promise: Promise<void>;
  resolve(): void;
  reject(error: unknown): void;
}

// Promise.withResolvers comes with Node 22.
function withResolvers(): PromiseWithResolvers {
  let resolve: () => void = () => {};
  let reject: (error: unknown) => void = () => {};
  const promise = new Promise<void>((onResolve, onReject) => {
    resolve = onResolve;
    reject = onReject;
  });
  return { promise, resolve, reject };
}
