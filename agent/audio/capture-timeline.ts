/** Units after which a delay that all of them had is believed: one second. Load delays some, but not all of them. */
const windowUnits = 50;
/**
 * The part of a unit by which the timeline may be wrong. More than a half, so that the correction by a whole unit is not
 * corrected in turn.
 */
const tolerance = 0.7;

/**
 * Gives each unit of sound the time at which it was taken, in even steps. The stamps that come with the units tremble with the
 * load of the machine, and a player takes every uneven step for a gap or an overlap. So the first stamp is an anchor, and time goes on
 * by the length of a unit; whole units make up for the difference where the device and the clock drift apart, sound was
 * lost, or a source begins with a backlog.
 */
export class CaptureTimeline {
  private readonly unitMs: number;
  /** When the next unit was taken, unless its stamp is believed more; null before the first one of a run. */
  private expectedMs: number | null = null;
  /** The end of the last unit that was placed. */
  private earliestMs = Number.NEGATIVE_INFINITY;
  private unitsInWindow = 0;
  private leastDelayMs = Number.POSITIVE_INFINITY;

  /** @param unitMs how long each unit lasts, a whole number of milliseconds */
  constructor(unitMs: number) {
    this.unitMs = unitMs;
  }

  /** A new run of the encoder begins: its first stamp counts. */
  handleRestart(): void {
    this.expectedMs = null;
    this.beginWindow();
  }

  /**
   * @param stampedAtMs when the unit says that it was taken
   * @param arrivedAtMs when it was read, on the same clock
   * @returns when it was taken, a whole number, later than that of the unit before; or null when there is one unit too many
   */
  place(stampedAtMs: number, arrivedAtMs: number): number | null {
    let placedMs = this.expectedMs ?? Math.max(Math.floor(Math.min(stampedAtMs, arrivedAtMs)), this.earliestMs);
    if (placedMs > arrivedAtMs) return null;
    this.leastDelayMs = Math.min(this.leastDelayMs, stampedAtMs - placedMs);
    this.unitsInWindow += 1;
    if (this.unitsInWindow >= windowUnits) {
      const wrongUnits = this.leastDelayMs / this.unitMs;
      this.beginWindow();
      if (wrongUnits < -tolerance) return null;
      if (wrongUnits > tolerance) placedMs += Math.round(wrongUnits) * this.unitMs;
    }
    this.expectedMs = placedMs + this.unitMs;
    this.earliestMs = this.expectedMs;
    return placedMs;
  }

  private beginWindow(): void {
    this.unitsInWindow = 0;
    this.leastDelayMs = Number.POSITIVE_INFINITY;
  }
}
