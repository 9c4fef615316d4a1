/** The reference time of a feedback message has 24 bits in steps of 64 ms: it wraps after twelve days. */
const periodMs = 2 ** 24 * 64;

/** Puts the receiver's arrival times on one line without wraps. */
export class ArrivalClock {
  private latestMs: number | null = null;

  unwrap(arrivalMs: number): number {
    const latestMs = this.latestMs ?? arrivalMs;
    const wraps = Math.round((latestMs - arrivalMs) / periodMs);
    this.latestMs = arrivalMs + wraps * periodMs;
    return this.latestMs;
  }
}
