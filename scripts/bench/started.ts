type Close = () => Promise<unknown> | unknown;

/** What a step has started and must be ended, however the step goes: processes, browsers, sockets, folders. */
export class Started {
  private readonly closers: Close[] = [];
  private readonly aborter = new AbortController();
  private ending: Promise<void> | null = null;

  /** Aborted when the step is to end. */
  get signal(): AbortSignal {
    return this.aborter.signal;
  }

  /** Runs in the opposite order when the step is over; at the end of what runs, where it already is. */
  onEnd(close: Close): void {
    this.closers.push(close);
    if (this.ending) this.ending = this.ending.then(() => this.closeAll());
  }

  /** Ends everything, one after another, and resolves when nothing is left, whoever called it first. */
  async endAll(): Promise<void> {
    this.aborter.abort();
    this.ending ??= this.closeAll();
    let awaited: Promise<void>;
    do {
      awaited = this.ending;
      await awaited;
    } while (awaited !== this.ending);
  }

  /** What fails is told and does not keep the rest from ending. */
  private async closeAll(): Promise<void> {
    for (let close = this.closers.pop(); close; close = this.closers.pop()) {
      try {
        await close();
      } catch (error) {
        console.error('benchmark: something did not end cleanly:', error);
      }
    }
  }
}
