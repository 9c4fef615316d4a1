import { buildProbeRequest, ProbeCluster, type ProbeRequest } from './probe-cluster.ts';

/** What decides whether it is time for a probe. */
export interface ProbeSituation {
  targetKbps: number;
  /** Less is sent than the target allows, so that nothing is learned from the media alone. */
  isAppLimited: boolean;
  /** The capacity is known from recent over-use. */
  isNearCapacity: boolean;
  /** Over-use, a queue, or loss: not the time to send more. */
  isCongested: boolean;
  rttMs: number;
  atMs: number;
}

/** The first probes, in multiples of the start rate. */
const startFactors = [3, 6];
const furtherFactor = 2;
/** A probe that measured this share of its rate may have had room for more. */
const furtherShare = 0.7;
const periodicFactor = 2;
const periodMs = 5_000;
const afterChangeMs = 1_000;
/** Below its need the application waits for a probe: soon after the last decrease, and longer after each that found nothing. */
const neededAfterMs = 1_000;
const neededAfterMaxMs = 8_000;
const recoveryAfterMs = 3_000;
/** Below, a probe would tell nothing new. */
const gainMin = 1.1;
/** How long a pacer may take to send a burst, and its feedback to come beyond the round trip. */
const sendingMaxMs = 500;
const feedbackMaxMs = 500;

export interface ProbeControlOptions {
  startKbps: number;
  maxKbps: number;
  neededKbps?: number;
}

/**
 * Decides when the path is probed for more capacity: at the start with three and six times the start rate, again at
 * twice what a probe found, every 5 s while the media alone cannot show how much would fit, once after a large drop, and
 * while the target is below what is needed. One probe is under way at a time.
 */
export class ProbeControl {
  private readonly options: ProbeControlOptions;
  private readonly wishesKbps: number[];
  private cluster: ProbeCluster | null = null;
  private clusterId = 0;
  private deadlineMs = 0;
  private nextAtMs: number | null = null;
  private neededAtMs = Number.NEGATIVE_INFINITY;
  private neededPauseMs = neededAfterMs;
  private wasNearCapacity = false;
  private recovery: { kbps: number; notBeforeMs: number } | null = null;

  /** @param options read each time, so that they may change */
  constructor(options: ProbeControlOptions) {
    this.options = options;
    this.wishesKbps = startFactors.map((factor) => factor * options.startKbps);
  }

  get isProbing(): boolean {
    return this.cluster !== null;
  }

  /** The burst to send now, given out once, or null. */
  take({ targetKbps, isCongested, rttMs, atMs }: ProbeSituation): ProbeRequest | null {
    if (this.cluster !== null || isCongested) return null;
    for (let wish = this.wishesKbps.shift(); wish !== undefined; wish = this.wishesKbps.shift()) {
      const rateKbps = Math.min(wish, this.options.maxKbps);
      if (rateKbps < targetKbps * gainMin) continue;
      this.cluster = new ProbeCluster(buildProbeRequest(rateKbps));
      this.clusterId = (this.clusterId % 0xffff) + 1;
      this.deadlineMs = atMs + sendingMaxMs + rttMs + feedbackMaxMs;
      return this.cluster.request;
    }
    return null;
  }

  /** Asks for a probe at once, for instance of what the path carried before feedback stayed away. */
  wish(kbps: number): void {
    this.wishesKbps.length = 0;
    this.wishesKbps.push(kbps);
  }

  /** After a large drop: looks once, when the path has become calm, whether it was only a passing one. */
  recoverLater(kbps: number, atMs: number): void {
    this.recovery = { kbps: Math.max(kbps, this.recovery?.kbps ?? 0), notBeforeMs: atMs + recoveryAfterMs };
    this.wishesKbps.length = 0;
  }

  /** The target has been lowered: the path needs a moment to become calm. */
  noteDecrease(atMs: number): void {
    this.neededAtMs = Math.max(this.neededAtMs, atMs + neededAfterMs);
  }

  /** Counts a packet of a burst. Returns the id to remember it by, 0 when no probe is under way. */
  handleSent(sizeBytes: number): number {
    if (this.cluster === null) return 0;
    this.cluster.handleSent(sizeBytes);
    return this.clusterId;
  }

  handleArrival(packet: { sentAtMs: number; arrivedAtMs: number; sizeBytes: number; probeId: number }): void {
    if (packet.probeId !== this.clusterId) return;
    this.cluster?.handleArrival(packet.sentAtMs, packet.arrivedAtMs, packet.sizeBytes);
  }

  handleMissing(probeId: number): void {
    if (probeId === this.clusterId) this.cluster?.handleMissing();
  }

  /**
   * Ends a probe whose packets are all accounted for, or whose time is over. Returns what it measured, or null.
   */
  conclude(atMs: number): number | null {
    const { cluster } = this;
    if (cluster === null || (!cluster.isResolved && atMs < this.deadlineMs)) return null;
    this.cluster = null;
    const measuredKbps = cluster.measuredKbps();
    this.nextAtMs = atMs + periodMs;
    // A burst that told nothing is no reason to wait longer: a receiver that stalls holds back whole bursts.
    this.neededAtMs = atMs + this.neededPauseMs;
    if (measuredKbps !== null) this.takeResult(measuredKbps, cluster.request.rateKbps, atMs);
    return measuredKbps;
  }

  /** Lets a probe that is due become a wish. */
  schedule(situation: ProbeSituation): void {
    const { targetKbps, isAppLimited, isNearCapacity, isCongested, atMs } = situation;
    this.nextAtMs ??= atMs + periodMs;
    if (this.wasNearCapacity && !isNearCapacity) this.nextAtMs = Math.min(this.nextAtMs, atMs + afterChangeMs);
    this.wasNearCapacity = isNearCapacity;
    if (isCongested || this.cluster !== null || this.wishesKbps.length > 0) return;
    if (this.recovery !== null && atMs >= this.recovery.notBeforeMs) {
      this.wishesKbps.push(this.recovery.kbps);
      this.recovery = null;
    } else if (targetKbps < (this.options.neededKbps ?? 0) && atMs >= this.neededAtMs) {
      this.wishesKbps.push(targetKbps * periodicFactor);
    } else if (atMs >= this.nextAtMs && (isAppLimited || !isNearCapacity)) {
      this.wishesKbps.push(targetKbps * periodicFactor);
      this.nextAtMs = atMs + periodMs;
    }
  }

  private takeResult(measuredKbps: number, rateKbps: number, atMs: number): void {
    if (measuredKbps >= furtherShare * rateKbps) {
      if (this.wishesKbps.length === 0) this.wishesKbps.push(measuredKbps * furtherFactor);
      this.neededPauseMs = neededAfterMs;
    } else {
      this.wishesKbps.length = 0;
      this.neededPauseMs = Math.min(neededAfterMaxMs, this.neededPauseMs * 2);
    }
    this.neededAtMs = atMs + this.neededPauseMs;
  }
}
