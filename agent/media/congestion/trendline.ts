const windowGroups = 20;
/** Weight of the past in the smoothed delay. */
const smoothing = 0.9;

/**
 * The trend of a delay: the slope of a line through its last 20 smoothed values. It takes the place of the Kalman filter
 * of draft-ietf-rmcat-gcc-02, section 5.3, as in Google's sender. Dimensionless: 0.1 means that the delay grows by
 * 100 ms in each second.
 */
export class Trendline {
  private readonly timesMs = new Float64Array(windowGroups);
  private readonly delaysMs = new Float64Array(windowGroups);
  private sampleCount = 0;
  private smoothedMs = 0;

  /** How many samples there have been since the start or the last reset. */
  get samples(): number {
    return this.sampleCount;
  }

  /** Returns the slope, or 0 while the window is not full. */
  add(delayMs: number, atMs: number): number {
    this.smoothedMs = this.sampleCount === 0 ? delayMs : smoothing * this.smoothedMs + (1 - smoothing) * delayMs;
    const slot = this.sampleCount % windowGroups;
    this.timesMs[slot] = atMs;
    this.delaysMs[slot] = this.smoothedMs;
    this.sampleCount += 1;
    return this.sampleCount < windowGroups ? 0 : slopeOf(this.timesMs, this.delaysMs);
  }

  reset(): void {
    this.sampleCount = 0;
  }
}

/** Least squares. 0 when all points share one abscissa. */
function slopeOf(xs: Float64Array, ys: Float64Array): number {
  const xMean = meanOf(xs);
  const yMean = meanOf(ys);
  let covariance = 0;
  let variance = 0;
  for (let i = 0; i < xs.length; i += 1) {
    const dx = (xs[i] ?? 0) - xMean;
    covariance += dx * ((ys[i] ?? 0) - yMean);
    variance += dx * dx;
  }
  return variance === 0 ? 0 : covariance / variance;
}

function meanOf(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}
