const firstWindowMs = 500;
const windowMs = 150;
const hastyWindowMs = 50;
/** How much the true rate may wander between two samples: the process noise, in (kbit/s)^2. */
const wanderVariance = 5;
const startVariance = 50;
const distrustVariance = 500;
/** How far a sample is trusted: its deviation, relative to the estimate, times this. */
const doubtFactor = 10;

/**
 * The bitrate that reaches the receiver, from acknowledged packets on the receiver's clock: the R_hat of
 * draft-ietf-rmcat-gcc-02, section 5.5. A Bayesian average, in which a sample far from the estimate weighs little
 * until others confirm it, so that the bursts of a video encoder do not move it.
 */
export class AcknowledgedBitrate {
  private estimate: number | null = null;
  private variance = startVariance;
  private windowStartMs: number | null = null;
  private lastArrivalMs = 0;
  private windowBytes = 0;

  /** Null until half a second of packets has arrived. */
  get kbps(): number | null {
    return this.estimate;
  }

  /** @param arrivedAtMs on the receiver's clock; packets may come a little out of order */
  add(arrivedAtMs: number, sizeBytes: number): void {
    const spanMs = this.estimate === null ? firstWindowMs : windowMs;
    if (this.windowStartMs === null || arrivedAtMs - this.lastArrivalMs > spanMs || arrivedAtMs < this.windowStartMs) {
      // After a pause the empty time says how much was sent, not how much the path can carry.
      this.beginWindow(arrivedAtMs);
    } else if (arrivedAtMs - this.windowStartMs >= spanMs) {
      this.addSample((this.windowBytes * 8) / (arrivedAtMs - this.windowStartMs));
      this.beginWindow(arrivedAtMs);
    }
    this.windowBytes += sizeBytes;
    this.lastArrivalMs = Math.max(this.lastArrivalMs, arrivedAtMs);
  }

  /** Drops the window under way, in which packets are missing because a feedback message is. */
  skipGap(): void {
    this.windowStartMs = null;
  }

  /** While a queue grows, what arrives is what the path carries: believe it at once. */
  expectChange(): void {
    this.variance = Math.max(this.variance, distrustVariance);
    const spanMs = this.windowStartMs === null ? 0 : this.lastArrivalMs - this.windowStartMs;
    if (this.estimate === null || spanMs < hastyWindowMs) return;
    this.addSample((this.windowBytes * 8) / spanMs);
    this.beginWindow(this.lastArrivalMs);
  }

  private beginWindow(atMs: number): void {
    this.windowStartMs = atMs;
    this.lastArrivalMs = atMs;
    this.windowBytes = 0;
  }

  private addSample(sampleKbps: number): void {
    if (this.estimate === null) {
      this.estimate = sampleKbps;
      return;
    }
    const doubt = (doubtFactor * Math.abs(this.estimate - sampleKbps)) / Math.max(this.estimate, 1);
    const sampleVariance = doubt * doubt;
    const priorVariance = this.variance + wanderVariance;
    const total = sampleVariance + priorVariance;
    this.estimate = (sampleVariance * this.estimate + priorVariance * sampleKbps) / total;
    this.variance = (sampleVariance * priorVariance) / total;
  }
}
