import type { RateControlOptions } from './rate-control.ts';

// draft-ietf-rmcat-gcc-02, section 6.
const lossHigh = 0.1;
const lossLow = 0.02;
const growth = 1.05;
/** Receivers report about once a second; more often must not make the target grow faster. */
const growthIntervalMs = 900;
/** Each line of a connection is reported on, all at about the same moment: what they lose is one and the same loss. */
const decreaseIntervalMs = 300;

export type ReportChange = 'increase' | 'decrease' | 'hold';

/**
 * The loss-based controller of draft-ietf-rmcat-gcc-02, section 6, fed with receiver reports: all there is for a
 * receiver that sends no transport-wide feedback, together with its REMB.
 */
export class ReportBasedControl {
  private readonly options: RateControlOptions;
  private estimate: number;
  private lossFraction = 0;
  private grewAtMs = Number.NEGATIVE_INFINITY;
  private decreasedAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: RateControlOptions) {
    this.options = options;
    this.estimate = this.clamp(options.startKbps);
  }

  get kbps(): number {
    return this.estimate;
  }

  handleReport(lossFraction: number, atMs: number): ReportChange {
    this.lossFraction = lossFraction;
    if (lossFraction > lossHigh) {
      if (atMs - this.decreasedAtMs < decreaseIntervalMs) return 'hold';
      this.decreasedAtMs = atMs;
      this.estimate = this.clamp(this.estimate * (1 - lossFraction / 2));
      return 'decrease';
    }
    if (lossFraction >= lossLow || atMs - this.grewAtMs < growthIntervalMs) return 'hold';
    this.grewAtMs = atMs;
    this.estimate = this.clamp(this.estimate * growth);
    return 'increase';
  }

  /** The receiver estimates by delay itself (REMB): its figure counts at once, unless packets are being lost. */
  handleRemb(kbps: number): void {
    if (kbps < this.estimate || this.lossFraction <= lossHigh) this.estimate = this.clamp(kbps);
  }

  private clamp(kbps: number): number {
    return Math.min(this.options.maxKbps, Math.max(this.options.minKbps, kbps));
  }
}
