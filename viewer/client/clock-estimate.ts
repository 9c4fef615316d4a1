/** How many exchanges are remembered: the clocks of two computers drift apart by a fraction of a millisecond in that time. */
const sampleMaxCount = 16;

/**
 * How far the device's clock is ahead of ours, from many exchanges (see `measureClock`). The one with the shortest round trip
 * counts, as in NTP (RFC 5905 section 10): its error is half of what the two ways can differ by.
 */
export class ClockEstimate {
  private readonly samples: { rttMs: number; offsetMs: number }[] = [];

  /** Null before the first exchange. */
  get offsetMs(): number | null {
    const best = this.samples.reduce<{ rttMs: number; offsetMs: number } | null>(
      (shortest, sample) => (shortest && shortest.rttMs <= sample.rttMs ? shortest : sample),
      null,
    );
    return best?.offsetMs ?? null;
  }

  add(sample: { rttMs: number; offsetMs: number }): void {
    this.samples.push(sample);
    if (this.samples.length > sampleMaxCount) this.samples.shift();
  }
}
