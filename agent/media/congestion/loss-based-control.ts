import { averageLossOf, likelihoodOf } from './loss-model.ts';
import { LossObservations } from './loss-observations.ts';

/** Below, loss is not a sign of congestion (draft-ietf-rmcat-gcc-02, section 6). */
const lossIgnored = 0.02;
/** A path's own loss is believed up to about here, and less readily where a queue may have overflowed. */
const toleratedLoss = 0.1;
const toleratedLossWithQueue = 0.05;
const queueMs = 80;
/** A bandwidth has to explain the losses so much better than none, as a logarithm: e^6 is 400 times as likely. */
const proof = 6;
const growthStep = 1.03;
const candidateSteps = [growthStep, 1, 0.95, 0.85, 0.7];
const holdAfterDecreaseMs = 1_000;

export interface LossEvidence {
  /** The estimate of the delay-based controller. */
  delayKbps: number;
  acknowledgedKbps: number | null;
  queueMs: number;
  atMs: number;
}

/**
 * Tells loss by congestion from loss of the path (radio, a bad cable). Where draft-ietf-rmcat-gcc-02, section 6, cuts
 * the rate at more than 10 % whatever the cause, this asks which bandwidth explains best what was lost at which rate,
 * after the idea of the second loss-based estimator of Google's sender. Random loss is the same at all rates and
 * limits nothing; a policer, which drops without a queue that could be measured, loses more the more is sent.
 */
export class LossBasedControl {
  private readonly observations = new LossObservations();
  private readonly minKbps: number;
  private limit = Number.POSITIVE_INFINITY;
  private holdUntilMs = Number.NEGATIVE_INFINITY;
  private loss = 0;
  private lostAtMs = Number.NEGATIVE_INFINITY;
  private isDue = false;

  constructor(options: { minKbps: number }) {
    this.minKbps = options.minKbps;
  }

  /** Infinity while loss gives no reason for a limit. */
  get limitKbps(): number {
    return this.limit;
  }

  /** 0 to 1, of the last seconds. */
  get lossFraction(): number {
    return this.loss;
  }

  /** When the last packet that was lost had been sent; -Infinity before the first. */
  get lastLossAtMs(): number {
    return this.lostAtMs;
  }

  handlePacket(sentAtMs: number, sizeBytes: number, isLost: boolean): void {
    if (isLost) this.lostAtMs = sentAtMs;
    if (this.observations.add(sentAtMs, sizeBytes, isLost)) this.isDue = true;
  }

  /** A packet called missing has arrived after all. */
  handleRecovered(): void {
    this.observations.undoLoss();
  }

  handleGap(): void {
    this.observations.skipGap();
  }

  /** A burst came through at this rate: a limit below it is about the past. */
  handleProbe(measuredKbps: number): void {
    if (measuredKbps > this.limit) this.limit = measuredKbps;
  }

  update(evidence: LossEvidence): void {
    if (!this.isDue) return;
    this.isDue = false;
    this.loss = averageLossOf(this.observations.all);
    const { delayKbps, atMs } = evidence;
    const current = Math.min(this.limit, delayKbps);
    const best = this.loss < lossIgnored ? current * growthStep : this.bestCandidate(current, evidence);
    if (best < current) {
      this.limit = Math.max(this.minKbps, best);
      this.holdUntilMs = atMs + holdAfterDecreaseMs;
    } else if (atMs >= this.holdUntilMs && best > current) {
      this.limit = best >= delayKbps ? Number.POSITIVE_INFINITY : best;
    }
  }

  /** The bandwidth that explains the losses best; growth, unless one does so much better than loss at any rate. */
  private bestCandidate(current: number, { acknowledgedKbps, queueMs: queue }: LossEvidence): number {
    const tolerated = queue > queueMs ? toleratedLossWithQueue : toleratedLoss;
    const likelihood = (kbps: number) => likelihoodOf(kbps, this.observations.all, tolerated);
    const candidates = candidateSteps.map((step) => current * step);
    if (acknowledgedKbps !== null && acknowledgedKbps < current) candidates.push(acknowledgedKbps);
    let best = current * growthStep;
    let bestLikelihood = likelihood(Number.POSITIVE_INFINITY) + proof;
    for (const kbps of candidates) {
      const candidateLikelihood = likelihood(kbps);
      if (candidateLikelihood <= bestLikelihood) continue;
      best = kbps;
      bestLikelihood = candidateLikelihood;
    }
    return best;
  }
}
