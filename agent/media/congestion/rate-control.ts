import { LinkCapacity } from './link-capacity.ts';
import type { PathUsage } from './overuse-detector.ts';

/** 0 < `minKbps` <= `maxKbps`. */
export interface RateControlOptions {
  startKbps: number;
  minKbps: number;
  maxKbps: number;
}

export type RateChange = 'increase' | 'decrease' | 'hold';

export interface RateControlInput {
  usage: PathUsage;
  /** Null while unknown. */
  acknowledgedKbps: number | null;
  /** Whether less is sent than the target allows. */
  isAppLimited: boolean;
  rttMs: number;
  atMs: number;
}

// draft-ietf-rmcat-gcc-02, section 5.6.
const decreaseFactor = 0.85;
/** What arrives of an application that sends less than it may says little of the path: go down to it in steps. */
const appLimitedFactor = 0.5;
const growthPerSecond = 1.08;
/** The target never runs further ahead of what arrives: growth has to prove itself. */
const aheadFactor = 1.5;
const aheadKbps = 10;
const packetBits = 1_200 * 8;
const frameRate = 30;
const packetShare = 0.5;
/** On a fast path half a packet would take a minute to win back what one decrease takes. */
const additiveMinShare = 0.01;
/** From over-use at the bottleneck to the lower rate being felt there: a round trip, and this for detecting it. */
const reactionMs = 100;
const decreasePauseMinMs = 10;
const decreasePauseMaxMs = 200;
const nearShare = 0.8;
const pastFactor = 1.05;
const growthStepMaxMs = 1_000;

/**
 * The additive-increase, multiplicative-decrease controller of draft-ietf-rmcat-gcc-02, section 5.5. It decreases to a
 * fraction of what arrives, grows by 8 % a second while the capacity is unknown, and by half a packet per response
 * time near the capacity seen last.
 */
export class RateControl {
  private readonly options: RateControlOptions;
  private readonly capacity = new LinkCapacity();
  private state: RateChange = 'hold';
  private estimate: number;
  private changedAtMs: number | null = null;
  private decreasedAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: RateControlOptions) {
    this.options = options;
    this.estimate = this.clamp(options.startKbps);
  }

  get kbps(): number {
    return this.estimate;
  }

  /** Whether the rate is about what filled the path the last times: growth is careful then. */
  get isNearCapacity(): boolean {
    return this.capacity.kbps !== null && this.estimate > this.capacity.kbps * nearShare;
  }

  update(input: RateControlInput): RateChange {
    const { usage, atMs } = input;
    if (usage === 'overuse') return this.decrease(input) ? 'decrease' : 'hold';
    // Under-use means that queues empty: wait until they have.
    this.state = usage === 'underuse' ? 'hold' : this.state === 'hold' ? this.beginIncrease(atMs) : this.state;
    return this.state === 'increase' && this.increase(input) ? 'increase' : 'hold';
  }

  /** Takes over a rate that was measured by other means. */
  setEstimate(kbps: number, atMs: number): void {
    this.estimate = this.clamp(kbps);
    this.capacity.forgetUnlessNear(this.estimate);
    this.changedAtMs = atMs;
  }

  private beginIncrease(atMs: number): RateChange {
    this.changedAtMs = atMs;
    return 'increase';
  }

  private increase({ acknowledgedKbps, rttMs, atMs }: RateControlInput): boolean {
    // Having come past the capacity without over-use, it is no longer true.
    if (this.capacity.kbps !== null && this.estimate > this.capacity.kbps * pastFactor) this.capacity.forget();
    const elapsedMs = Math.min(growthStepMaxMs, Math.max(0, atMs - (this.changedAtMs ?? atMs)));
    this.changedAtMs = atMs;
    const grown = this.isNearCapacity
      ? this.estimate + (this.additiveKbpsPerSecond(rttMs) * elapsedMs) / 1000
      : this.estimate * growthPerSecond ** (elapsedMs / 1000);
    const limit = acknowledgedKbps === null ? grown : acknowledgedKbps * aheadFactor + aheadKbps;
    const before = this.estimate;
    this.estimate = this.clamp(Math.max(before, Math.min(grown, limit)));
    return this.estimate > before;
  }

  /** Half a packet for each response time, but one percent a second at least. */
  private additiveKbpsPerSecond(rttMs: number): number {
    const frameBits = (this.estimate * 1000) / frameRate;
    const averagePacketBits = frameBits / Math.ceil(frameBits / packetBits);
    return Math.max(this.estimate * additiveMinShare, (averagePacketBits * packetShare) / (rttMs + reactionMs));
  }

  private decrease({ acknowledgedKbps, isAppLimited, rttMs, atMs }: RateControlInput): boolean {
    if (!this.mayDecrease(acknowledgedKbps, rttMs, atMs)) return false;
    this.state = 'hold';
    this.changedAtMs = atMs;
    this.decreasedAtMs = atMs;
    if (acknowledgedKbps === null) {
      this.estimate = this.clamp(this.estimate / 2);
      return true;
    }
    const before = this.estimate;
    const leastKbps = isAppLimited ? before * appLimitedFactor : 0;
    this.estimate = this.clamp(Math.min(before, Math.max(leastKbps, this.decreasedKbps(acknowledgedKbps))));
    this.capacity.forgetUnlessNear(acknowledgedKbps);
    this.capacity.noteOveruse(acknowledgedKbps);
    return this.estimate < before;
  }

  /** More may arrive than the estimate says while a queue empties: then the capacity seen before is the better guess. */
  private decreasedKbps(acknowledgedKbps: number): number {
    const decreased = acknowledgedKbps * decreaseFactor;
    const capacityKbps = this.capacity.kbps;
    return decreased > this.estimate && capacityKbps !== null ? capacityKbps * decreaseFactor : decreased;
  }

  /** The effect of a decrease shows after a round trip; only a much lower rate at the receiver cuts that short. */
  private mayDecrease(acknowledgedKbps: number | null, rttMs: number, atMs: number): boolean {
    const pauseMs = Math.min(decreasePauseMaxMs, Math.max(decreasePauseMinMs, rttMs));
    if (atMs - this.decreasedAtMs >= pauseMs) return true;
    return acknowledgedKbps !== null && acknowledgedKbps < this.estimate / 2;
  }

  private clamp(kbps: number): number {
    return Math.min(this.options.maxKbps, Math.max(this.options.minKbps, kbps));
  }
}
