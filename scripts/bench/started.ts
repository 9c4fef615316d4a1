/** What a step has started and must be ended, however the step goes: processes, browsers, sockets, folders. */
export class Started {
  private readonly closers: (() => Promise<unknown> | unknown)[] = [];
  private readonly aborter = new AbortController();

  /** Aborted when the step is to end. */
  get signal(): AbortSignal {
    return this.aborter.signal;
  }

  /** Runs in the opposite order when the step is over. */
  onEnd(close: () => Promise<unknown> | unknown): void {
    this.closers.push(close);
  }

  /** Ends everything, one after another. What fails is told and does not keep the rest from ending. */
  async endAll(): Promise<void> {
    this.aborter.abort();
    for (const close of this.closers.splice(0).reverse()) {
      try {
        await close();
      } catch (error) {
        console.error('benchmark: something did not end cleanly:', error);
      }
    }
  }
}
