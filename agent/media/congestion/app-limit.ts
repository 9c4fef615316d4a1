const intervalMs = 500;
const beginShare = 0.75;
const endShare = 0.85;

/** Tells whether the application sends clearly less than its target allows. */
export class AppLimit {
  private startMs: number | null = null;
  private bytes = 0;
  private limited = false;
  private rateKbps = 0;

  get isLimited(): boolean {
    return this.limited;
  }

  /** Of the last half second. */
  get sentKbps(): number {
    return this.rateKbps;
  }

  /** Takes what the application sends: no probes. */
  handleSent(sizeBytes: number): void {
    this.bytes += sizeBytes;
  }

  update(targetKbps: number, atMs: number): void {
    this.startMs ??= atMs;
    const elapsedMs = atMs - this.startMs;
    if (elapsedMs < intervalMs) return;
    this.rateKbps = (this.bytes * 8) / elapsedMs;
    this.limited = this.rateKbps < targetKbps * (this.limited ? endShare : beginShare);
    this.startMs = atMs;
    this.bytes = 0;
  }
}
