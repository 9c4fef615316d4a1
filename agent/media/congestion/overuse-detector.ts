/** What the delay says of the path: its queue grows, stays, or empties. */
export type PathUsage = 'overuse' | 'normal' | 'underuse';

// The first threshold, its bounds and the least time are those of draft-ietf-rmcat-gcc-02, section 5.6; the rest are those
// of Google's trendline estimator, for which the threshold falls faster than it rises. Rise and fall are per millisecond.
const thresholdStartMs = 12.5;
const thresholdMinMs = 6;
const thresholdMaxMs = 600;
const thresholdRise = 0.0087;
const thresholdFall = 0.039;
const adaptStepMaxMs = 100;
/** A trend so far beyond the threshold is a sudden step of the route, and must not teach the threshold. */
const outlierMs = 15;
const overuseMinMs = 10;
const gain = 4;
const samplesMax = 60;
// A delay that climbs so far without a pause, this steeply, needs no trend to tell.
const surgeMs = 50;
const surgeSlope = 0.4;

/**
 * Compares the delay trend with a threshold that adapts to the noise of the path, so that a flow which fills its queue
 * (TCP) does not starve this one (draft-ietf-rmcat-gcc-02, section 5.4).
 */
export class OveruseDetector {
  private usageNow: PathUsage = 'normal';
  private thresholdMs = thresholdStartMs;
  private adaptedAtMs: number | null = null;
  private overusingMs = 0;
  private overuseCount = 0;
  private previousTrend = 0;
  private previousDelayMs = Number.POSITIVE_INFINITY;
  private climbMs = 0;
  private climbingMs = 0;

  get usage(): PathUsage {
    return this.usageNow;
  }

  /**
   * @param sample.samples how many the trend rests on in all
   * @param sample.elapsedMs since the sample before
   * @param sample.atMs on the receiver's clock
   */
  update(sample: { delayMs: number; trend: number; samples: number; elapsedMs: number; atMs: number }): PathUsage {
    const { delayMs, trend, samples, elapsedMs, atMs } = sample;
    const offsetMs = Math.min(samples, samplesMax) * trend * gain;
    if (offsetMs > this.thresholdMs) this.noteAbove(trend, elapsedMs);
    else {
      this.overusingMs = 0;
      this.overuseCount = 0;
      this.usageNow = offsetMs < -this.thresholdMs ? 'underuse' : 'normal';
    }
    if (this.isSurge(delayMs, elapsedMs)) this.usageNow = 'overuse';
    this.previousTrend = trend;
    this.adaptThreshold(Math.abs(offsetMs), atMs);
    return this.usageNow;
  }

  /** Forgets the trend, not what it learned of the path's noise. */
  reset(): void {
    this.usageNow = 'normal';
    this.adaptedAtMs = null;
    this.overusingMs = 0;
    this.overuseCount = 0;
    this.previousTrend = 0;
    this.previousDelayMs = Number.POSITIVE_INFINITY;
    this.climbMs = 0;
    this.climbingMs = 0;
  }

  /** Over-use must last, and must not be about to end. */
  private noteAbove(trend: number, elapsedMs: number): void {
    // The crossing lies somewhere within the first interval.
    this.overusingMs += this.overuseCount === 0 ? elapsedMs / 2 : elapsedMs;
    this.overuseCount += 1;
    if (this.overusingMs <= overuseMinMs || this.overuseCount < 2 || trend < this.previousTrend) return;
    this.overusingMs = 0;
    this.overuseCount = 0;
    this.usageNow = 'overuse';
  }

  private isSurge(delayMs: number, elapsedMs: number): boolean {
    const isClimbing = delayMs > this.previousDelayMs;
    this.climbMs = isClimbing ? this.climbMs + delayMs - this.previousDelayMs : 0;
    this.climbingMs = isClimbing ? this.climbingMs + elapsedMs : 0;
    this.previousDelayMs = delayMs;
    return this.climbMs >= surgeMs && this.climbMs >= surgeSlope * this.climbingMs;
  }

  private adaptThreshold(offsetMs: number, atMs: number): void {
    const elapsedMs = Math.min(adaptStepMaxMs, Math.max(0, atMs - (this.adaptedAtMs ?? atMs)));
    this.adaptedAtMs = atMs;
    if (offsetMs > this.thresholdMs + outlierMs) return;
    const pace = offsetMs < this.thresholdMs ? thresholdFall : thresholdRise;
    const adapted = this.thresholdMs + pace * (offsetMs - this.thresholdMs) * elapsedMs;
    this.thresholdMs = Math.min(thresholdMaxMs, Math.max(thresholdMinMs, adapted));
  }
}
