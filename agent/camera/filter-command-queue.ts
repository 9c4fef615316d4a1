/** ffmpeg reads one command in this time; what is written sooner waits in its pipe, where nobody can take it back. */
const intervalMs = 100;

/**
 * Gives ffmpeg commands no faster than it reads them. Of those for one filter that wait, the latest counts, so there are never
 * more than filters, however often somebody changes their mind.
 */
export class FilterCommandQueue {
  private readonly send: (command: string) => boolean;
  /** By filter, the one that has waited longest first. */
  private readonly waiting = new Map<string, string>();
  private timer: NodeJS.Timeout | null = null;

  /** @param options.send writes a command; false when ffmpeg does not take one now: it is tried again */
  constructor(options: { send: (command: string) => boolean }) {
    this.send = options.send;
  }

  /** @param command for `c`, as of `filter-commands.ts` */
  put(command: string): void {
    const [filter = ''] = command.split(' ', 1);
    this.waiting.set(filter, command);
    if (this.timer === null) this.sendNext();
  }

  /** Forgets what waits. Idempotent. */
  close(): void {
    this.waiting.clear();
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }

  private sendNext(): void {
    this.timer = null;
    for (const [filter, command] of this.waiting) {
      if (this.send(command)) this.waiting.delete(filter);
      this.timer = setTimeout(() => this.sendNext(), intervalMs);
      return;
    }
  }
}
