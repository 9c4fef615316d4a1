import type { TwccFeedback } from '../twcc-feedback.ts';
import { AppLimit } from './app-limit.ts';
import { DelayBasedControl } from './delay-based-control.ts';
import { FeedbackGap } from './feedback-gap.ts';
import { type ArrivedPacket, FeedbackReader, type MissingPacket } from './feedback-reader.ts';
import { LossBasedControl } from './loss-based-control.ts';
import { OwnQueue } from './own-queue.ts';
import type { ProbeRequest } from './probe-cluster.ts';
import { ProbeControl, type ProbeSituation } from './probe-control.ts';
import type { RateChange, RateControlOptions } from './rate-control.ts';
import { ReportBasedControl } from './report-based-control.ts';
import type { SentPacket } from './transport-history.ts';

export interface CongestionControllerOptions extends RateControlOptions {
  /** What the application would like to send: below it, the path is probed more often. */
  neededKbps?: number;
}

/** Why the target is what it is. */
export type TargetReason = 'start' | 'probe' | 'increase' | 'delay' | 'loss' | 'remb' | 'feedback-gap' | 'hold';

const rttDefaultMs = 100;
const rttMaxMs = 5_000;
/** A queue this long is no moment for sending more than the target. */
const calmQueueMs = 50;
/** A limit by loss says nothing of now when so long nothing has been lost; a few packets a second would not lift it. */
const lossRecentMs = 1_000;
/** A decrease to less than this share of the rate of the last seconds may have been a passing one. */
const largeDropShare = 0.66;
const referenceMs = 2_000;
/** Growth that pauses for a moment is still growth to whoever reads the reason. */
const holdAfterMs = 1_000;

/**
 * Google Congestion Control (draft-ietf-rmcat-gcc-02) for one peer connection: what was sent and what the receiver
 * reports, in; the bitrate that all media and resends together may take, out. Pure: no timers, every call says what
 * time it is, on one monotonic clock in milliseconds. What the receiver says is not trusted: whatever it is, the
 * target stays a finite number between `minKbps` and `maxKbps`.
 */
export class CongestionController {
  private readonly options: CongestionControllerOptions;
  private readonly ownQueue = new OwnQueue();
  private readonly gap = new FeedbackGap();
  private readonly appLimit = new AppLimit();
  private readonly reader: FeedbackReader;
  private readonly delay: DelayBasedControl;
  private readonly loss: LossBasedControl;
  private readonly reports: ReportBasedControl;
  private readonly probes: ProbeControl;
  private target: number;
  private targetReason: TargetReason = 'start';
  private estimateReason: TargetReason = 'start';
  private hasTransportFeedback = false;
  private rembKbps = Number.POSITIVE_INFINITY;
  private reportedRttMs: number | null = null;
  private feedbackRttMs: number | null = null;
  private beforeGapKbps = 0;
  private increasedAtMs = 0;
  private reference = { kbps: 0, atMs: Number.NEGATIVE_INFINITY };

  constructor(options: CongestionControllerOptions) {
    // Shared with the parts, which read it each time: see setNeeds.
    this.options = { ...options };
    this.reader = new FeedbackReader({
      onArrived: (packet, wasMissing) => this.takeArrived(packet, wasMissing),
      onMissing: (packet) => this.takeMissing(packet),
      onGap: () => this.takeGap(),
    });
    this.delay = new DelayBasedControl(this.options);
    this.loss = new LossBasedControl(this.options);
    this.reports = new ReportBasedControl(this.options);
    this.probes = new ProbeControl(this.options);
    this.target = this.clamp(options.startKbps);
  }

  /** The application sends something else from now on. What is known of the path stays. */
  setNeeds({ neededKbps, maxKbps }: Required<Pick<CongestionControllerOptions, 'neededKbps' | 'maxKbps'>>): void {
    Object.assign(this.options, { neededKbps, maxKbps });
    this.target = this.clamp(this.target);
  }

  /** Finite, from `minKbps` to `maxKbps`. RTP with headers, without what lies below. */
  get targetKbps(): number {
    return this.target;
  }

  get reason(): TargetReason {
    return this.targetReason;
  }

  /** Whether a probe is on its way. */
  get isProbing(): boolean {
    return this.probes.isProbing;
  }

  /** As the receiver's reports say, else from feedback (then with the receiver's own delay); 100 while unknown. */
  get rttMs(): number {
    return this.reportedRttMs ?? this.feedbackRttMs ?? rttDefaultMs;
  }

  /** What arrives at the receiver; null while unknown. */
  get acknowledgedKbps(): number | null {
    return this.delay.acknowledgedKbps;
  }

  /** How long packets wait on the path, above the least one-way delay of the last half minute. */
  get queueMs(): number {
    return this.delay.queueMs;
  }

  /** 0 to 1, by transport-wide feedback, of the last seconds. */
  get lossFraction(): number {
    return this.loss.lossFraction;
  }

  /** Call it for every packet of the peer connection, in the order of the transport sequence numbers. */
  handleSent(packet: SentPacket): void {
    const { sizeBytes, atMs, isProbe } = packet;
    if (!isProbe) this.appLimit.handleSent(sizeBytes);
    this.reader.handleSent(packet, {
      probeId: isProbe ? this.probes.handleSent(sizeBytes) : 0,
      ownQueueMs: this.ownQueue.add(sizeBytes, this.target, atMs),
    });
    this.gap.handleSent(atMs, this.rttMs);
  }

  /** Takes transport-wide feedback: late, repeated, reordered, or about packets never sent. */
  handleFeedback(feedback: TwccFeedback, atMs: number): void {
    this.hasTransportFeedback = true;
    if (this.gap.handleFeedback(atMs)) this.probes.wish(this.beforeGapKbps);
    const latestSentAtMs = this.reader.read(feedback);
    if (latestSentAtMs !== null) this.noteRtt(atMs - latestSentAtMs);
    const beforeKbps = this.delay.estimateKbps;
    this.noteChange(this.delay.update(this.rttMs, this.appLimit.isLimited, atMs), beforeKbps, atMs);
    this.takeProbeResult(atMs);
    const { estimateKbps: delayKbps, acknowledgedKbps, queueMs } = this.delay;
    this.loss.update({ delayKbps, acknowledgedKbps, queueMs, atMs });
    this.advance(atMs);
  }

  /** Takes the receiver's own estimate: a cap beside transport-wide feedback, the source of the target without. */
  handleRemb(kbps: number, atMs: number): void {
    if (!Number.isFinite(kbps) || kbps < 0) return;
    this.rembKbps = kbps;
    this.reports.handleRemb(kbps);
    if (!this.hasTransportFeedback) this.estimateReason = 'remb';
    this.advance(atMs);
  }

  /** Takes a receiver report. Its loss counts only while there is no transport-wide feedback, which knows better. */
  handleReport({ lossFraction, rttMs }: { lossFraction: number; rttMs: number | null }, atMs: number): void {
    if (rttMs !== null && rttMs >= 0) this.reportedRttMs = Math.min(rttMaxMs, rttMs);
    if (!this.hasTransportFeedback && lossFraction >= 0 && lossFraction <= 1) {
      const change = this.reports.handleReport(lossFraction, atMs);
      if (change !== 'hold') this.estimateReason = change === 'increase' ? 'increase' : 'loss';
    }
    this.advance(atMs);
  }

  /** Call it some times a second: notices that feedback stays away and that a probe is due. */
  handleTick(atMs: number): void {
    if (this.gap.handleTick(atMs)) {
      const { estimateKbps } = this.delay;
      if (this.estimateReason !== 'feedback-gap') this.beforeGapKbps = estimateKbps;
      this.delay.setEstimate(estimateKbps / 2, atMs);
      this.estimateReason = 'feedback-gap';
    }
    this.takeProbeResult(atMs);
    this.advance(atMs);
  }

  /** The probe to send now, given out once, or null. Ask after each feedback and tick. */
  takeProbe(atMs: number): ProbeRequest | null {
    // Without such feedback nobody would say what became of the burst.
    return this.hasTransportFeedback ? this.probes.take(this.situation(atMs)) : null;
  }

  private takeArrived(packet: ArrivedPacket, wasMissing: boolean): void {
    if (wasMissing) this.loss.handleRecovered();
    else this.loss.handlePacket(packet.sentAtMs, packet.sizeBytes, false);
    this.delay.handleArrival(packet);
    this.probes.handleArrival(packet);
  }

  private takeMissing({ sentAtMs, sizeBytes, probeId }: MissingPacket): void {
    this.loss.handlePacket(sentAtMs, sizeBytes, true);
    this.probes.handleMissing(probeId);
  }

  private takeGap(): void {
    this.delay.handleGap();
    this.loss.handleGap();
  }

  private noteRtt(rttMs: number): void {
    const sample = Math.min(rttMaxMs, Math.max(0, rttMs));
    this.feedbackRttMs = this.feedbackRttMs === null ? sample : this.feedbackRttMs * 0.9 + sample * 0.1;
  }

  private noteChange(change: RateChange, beforeKbps: number, atMs: number): void {
    if (change === 'increase') {
      this.estimateReason = 'increase';
      this.increasedAtMs = atMs;
    } else if (change === 'decrease') this.noteDecrease(beforeKbps, atMs);
    else if (this.estimateReason === 'increase' && atMs - this.increasedAtMs > holdAfterMs)
      this.estimateReason = 'hold';
  }

  /** Several decreases in a row are one drop. */
  private noteDecrease(beforeKbps: number, atMs: number): void {
    this.estimateReason = 'delay';
    this.probes.noteDecrease(atMs);
    const isNewDrop = atMs - this.reference.atMs > referenceMs;
    this.reference = { kbps: isNewDrop ? beforeKbps : Math.max(beforeKbps, this.reference.kbps), atMs };
    const { kbps } = this.reference;
    if (this.delay.estimateKbps < kbps * largeDropShare) this.probes.recoverLater(kbps * 0.85, atMs);
  }

  private takeProbeResult(atMs: number): void {
    const measuredKbps = this.probes.conclude(atMs);
    if (measuredKbps === null) return;
    this.loss.handleProbe(measuredKbps);
    if (measuredKbps <= this.delay.estimateKbps) return;
    this.delay.setEstimate(measuredKbps, atMs);
    this.estimateReason = 'probe';
  }

  private advance(atMs: number): void {
    this.chooseTarget();
    this.appLimit.update(this.target, atMs);
    this.probes.schedule(this.situation(atMs));
  }

  private situation(atMs: number): ProbeSituation {
    const { isOverusing, queueMs, drainKbps, estimateKbps } = this.delay;
    const isLosing = this.loss.limitKbps < estimateKbps && atMs - this.loss.lastLossAtMs < lossRecentMs;
    return {
      targetKbps: this.target,
      isAppLimited: this.appLimit.isLimited,
      isNearCapacity: this.delay.isNearCapacity,
      isCongested: isOverusing || queueMs > calmQueueMs || isLosing || drainKbps < estimateKbps,
      rttMs: this.rttMs,
      atMs,
    };
  }

  /** The lowest of all limits, and whose it is. */
  private chooseTarget(): void {
    let kbps = this.hasTransportFeedback ? this.delay.estimateKbps : this.reports.kbps;
    let reason = this.estimateReason;
    const limit = (limitKbps: number, limitReason: TargetReason) => {
      if (limitKbps >= kbps) return;
      kbps = limitKbps;
      reason = limitReason;
    };
    limit(this.delay.drainKbps, 'delay');
    limit(this.loss.limitKbps, 'loss');
    limit(this.rembKbps, 'remb');
    this.target = this.clamp(kbps);
    this.targetReason = reason;
  }

  private clamp(kbps: number): number {
    return Math.min(this.options.maxKbps, Math.max(this.options.minKbps, kbps));
  }
}
