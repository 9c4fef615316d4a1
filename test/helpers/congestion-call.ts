import { CongestionController } from '../../agent/media/congestion/congestion-controller.ts';
import type { TwccFeedback } from '../../agent/media/twcc-feedback.ts';
import type { CongestionLink } from './congestion-link.ts';
import { CongestionReceiver, type CongestionReceiverOptions } from './congestion-receiver.ts';
import { CongestionSender } from './congestion-sender.ts';

export interface CongestionCallOptions {
  link: CongestionLink;
  startKbps?: number;
  minKbps?: number;
  maxKbps?: number;
  neededKbps?: number;
  /** Given the target, what the encoder makes; the target itself by default. */
  encoderKbps?: (targetKbps: number, nowMs: number) => number;
  keyframesOnly?: () => boolean;
  soundKbps?: number;
  receiver?: CongestionReceiverOptions;
  /** The way back. */
  feedbackDelayMs?: number;
  /** Whether a feedback message sent at a moment gets through. */
  feedbackPasses?: (nowMs: number) => boolean;
  seed?: number;
  probes?: boolean;
  burstMs?: number;
  beginsAtMs?: number;
}

export interface CongestionSample {
  atMs: number;
  targetKbps: number;
  reason: string;
  receivedBytes: number;
  queueMs: number;
}

const tickMs = 50;
const sampleMs = 50;

/** One sender and one receiver on a link, in virtual time. Several calls may share a link. */
export class CongestionCall {
  readonly controller: CongestionController;
  readonly samples: CongestionSample[] = [];
  private readonly options: CongestionCallOptions;
  private readonly receiver: CongestionReceiver;
  private readonly sender: CongestionSender;
  private onTheWayBack: { feedback: TwccFeedback; atMs: number }[] = [];

  constructor(options: CongestionCallOptions) {
    const { link, startKbps = 1_000, minKbps = 100, maxKbps = 20_000, neededKbps, seed = 1 } = options;
    this.options = options;
    this.controller = new CongestionController({ startKbps, minKbps, maxKbps, neededKbps });
    this.receiver = new CongestionReceiver({ seed, ...options.receiver });
    const { encoderKbps = (targetKbps: number) => targetKbps, keyframesOnly, soundKbps, probes, burstMs } = options;
    this.sender = new CongestionSender({
      controller: this.controller,
      encoderKbps: (nowMs) => encoderKbps(this.controller.targetKbps, nowMs),
      keyframesOnly,
      soundKbps,
      seed,
      probes,
      burstMs,
      send: ({ transportSequence, sizeBytes, nowMs }) => {
        const arrivalMs = link.send(sizeBytes, nowMs);
        if (arrivalMs !== null) this.receiver.expect(transportSequence, arrivalMs, sizeBytes);
      },
    });
  }

  /** Advances by one millisecond. */
  step(nowMs: number): void {
    if (nowMs < (this.options.beginsAtMs ?? 0)) return;
    this.sender.step(nowMs);
    const due = this.receiver.poll(nowMs);
    if (due !== null && (this.options.feedbackPasses?.(nowMs) ?? true)) {
      const atMs = nowMs + (this.options.feedbackDelayMs ?? 20) + due.extraDelayMs;
      for (let i = 0; i < due.copies; i += 1) this.onTheWayBack.push({ feedback: due.feedback, atMs });
    }
    this.deliverFeedback(nowMs);
    if (nowMs % tickMs === 0) this.controller.handleTick(nowMs);
    if (nowMs % sampleMs === 0) this.sample(nowMs);
  }

  /** What arrived per second in a stretch of time. */
  receivedKbps(fromMs: number, toMs: number): number {
    const from = this.sampleAt(fromMs);
    const to = this.sampleAt(toMs);
    return ((to.receivedBytes - from.receivedBytes) * 8) / (to.atMs - from.atMs);
  }

  between(fromMs: number, toMs: number): CongestionSample[] {
    return this.samples.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs);
  }

  sampleAt(atMs: number): CongestionSample {
    const sample = this.samples.find((one) => one.atMs >= atMs) ?? this.samples.at(-1);
    if (sample === undefined) throw new Error('the call has not run');
    return sample;
  }

  private deliverFeedback(nowMs: number): void {
    if (!this.onTheWayBack.some(({ atMs }) => atMs <= nowMs)) return;
    for (const { feedback, atMs } of this.onTheWayBack) {
      if (atMs <= nowMs) this.controller.handleFeedback(feedback, nowMs);
    }
    this.onTheWayBack = this.onTheWayBack.filter(({ atMs }) => atMs > nowMs);
  }

  private sample(atMs: number): void {
    const { targetKbps, reason } = this.controller;
    const { receivedBytes } = this.receiver;
    this.samples.push({ atMs, targetKbps, reason, receivedBytes, queueMs: this.options.link.queueMs(atMs) });
  }
}

/** Runs whatever advances by milliseconds, in the given order. */
export function runCongestion(actors: readonly { step(nowMs: number): void }[], durationMs: number): void {
  for (let nowMs = 0; nowMs <= durationMs; nowMs += 1) for (const actor of actors) actor.step(nowMs);
}

/** @param share 0 to 1 */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
