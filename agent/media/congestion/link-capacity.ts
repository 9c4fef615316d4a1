/** Weight of a new sample in the average (draft-ietf-rmcat-gcc-02, section 5.5, recommends 0.95 for the past). */
const sampleWeight = 0.05;
const deviations = 3;
// Of the variance, normalised by the mean.
const varianceStartKbps = 0.4;
const varianceMinKbps = 0.4;
const varianceMaxKbps = 2.5;

/**
 * What the path carried when it was last full: the average and deviation of the acknowledged bitrate at moments of
 * over-use (draft-ietf-rmcat-gcc-02, section 5.5). Near it the target grows carefully.
 */
export class LinkCapacity {
  private meanKbps: number | null = null;
  private varianceKbps = varianceStartKbps;

  /** Null while unknown. */
  get kbps(): number | null {
    return this.meanKbps;
  }

  /** Forgets the average when an acknowledged bitrate lies outside three deviations: the path has changed. */
  forgetUnlessNear(acknowledgedKbps: number): void {
    if (this.meanKbps === null) return;
    const margin = deviations * Math.sqrt(this.varianceKbps * this.meanKbps);
    if (Math.abs(acknowledgedKbps - this.meanKbps) > margin) this.meanKbps = null;
  }

  noteOveruse(acknowledgedKbps: number): void {
    const before = this.meanKbps ?? acknowledgedKbps;
    const mean = before + sampleWeight * (acknowledgedKbps - before);
    const error = (acknowledgedKbps - mean) ** 2 / Math.max(mean, 1);
    const variance = this.varianceKbps + sampleWeight * (error - this.varianceKbps);
    this.meanKbps = mean;
    this.varianceKbps = Math.min(varianceMaxKbps, Math.max(varianceMinKbps, variance));
  }

  forget(): void {
    this.meanKbps = null;
  }
}
