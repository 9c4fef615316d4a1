/** What happened to the packets sent within a third of a second. */
export interface LossObservation {
  sentKbps: number;
  packets: number;
  lost: number;
}

const observationMs = 300;
const packetsMin = 10;
const observationsMax = 20;

/** The last six seconds of sending, in pieces long enough to know their rate and their loss. */
export class LossObservations {
  private readonly closed: LossObservation[] = [];
  private startMs: number | null = null;
  private bytes = 0;
  private packets = 0;
  private lost = 0;

  /** Oldest first. */
  get all(): readonly LossObservation[] {
    return this.closed;
  }

  /** Takes packets in the order they were sent. Returns whether that closed an observation. */
  add(sentAtMs: number, sizeBytes: number, isLost: boolean): boolean {
    this.startMs ??= sentAtMs;
    const isFull = sentAtMs - this.startMs >= observationMs && this.packets >= packetsMin;
    if (isFull) this.close(sentAtMs - this.startMs, sentAtMs);
    this.bytes += sizeBytes;
    this.packets += 1;
    if (isLost) this.lost += 1;
    return isFull;
  }

  /** A packet called missing has arrived after all. */
  undoLoss(): void {
    if (this.lost > 0) this.lost -= 1;
    else {
      const latest = this.closed.at(-1);
      if (latest !== undefined && latest.lost > 0) latest.lost -= 1;
    }
  }

  /** Begins anew after packets whose fate is unknown: their share of the rate would be missing. */
  skipGap(): void {
    this.startMs = null;
    this.clearCounts();
  }

  private close(spanMs: number, atMs: number): void {
    this.closed.push({ sentKbps: (this.bytes * 8) / spanMs, packets: this.packets, lost: this.lost });
    if (this.closed.length > observationsMax) this.closed.shift();
    this.startMs = atMs;
    this.clearCounts();
  }

  private clearCounts(): void {
    this.bytes = 0;
    this.packets = 0;
    this.lost = 0;
  }
}
