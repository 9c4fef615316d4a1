import type { TwccFeedback } from '../../agent/media/twcc-feedback.ts';
import { seededRandom } from './congestion-link.ts';

export interface CongestionReceiverOptions {
  seed?: number;
  intervalMs?: number;
  /** How much faster than ours the receiver's clock runs. */
  skewPpm?: number;
  /** What the receiver's clock shows at the beginning. */
  clockOffsetMs?: number;
  /** Feedback messages that get lost, come twice, or come after the next one: 0 to 1 each. */
  feedbackLossRate?: number;
  feedbackRepeatRate?: number;
  feedbackReorderRate?: number;
  /** While it gets no turn of a busy processor: what arrives is noticed afterwards, and no feedback is written. Sorted. */
  stalls?: readonly ReceiverStall[];
  /** How long it takes to read a packet. */
  readingMs?: number;
}

export interface ReceiverStall {
  fromMs: number;
  toMs: number;
}

/** Stalls of one of these lengths, at random, with `workMeanMs` between them on average. */
export function randomStalls(options: {
  seed: number;
  lengthsMs: readonly number[];
  workMeanMs: number;
  fromMs: number;
  toMs: number;
}): ReceiverStall[] {
  const { seed, lengthsMs, workMeanMs, toMs: endMs } = options;
  const random = seededRandom(seed + 55);
  const stalls: ReceiverStall[] = [];
  for (let fromMs = options.fromMs; fromMs < endMs; ) {
    const toMs = fromMs + (lengthsMs[Math.floor(random() * lengthsMs.length)] ?? 0);
    stalls.push({ fromMs, toMs });
    fromMs = toMs + random() * 2 * workMeanMs;
  }
  return stalls;
}

const clockPeriodMs = 2 ** 24 * 64;

/** Writes transport-wide feedback as browsers do: what arrived since the last message, and late ones again. */
export class CongestionReceiver {
  private readonly options: CongestionReceiverOptions;
  private readonly random: () => number;
  private readonly arrivals = new Map<number, number>();
  private expected: number | null = null;
  private highest = -1;
  private nextAtMs = 0;
  private count = 0;
  private bytes = 0;
  private readAtMs = 0;

  constructor(options: CongestionReceiverOptions = {}) {
    this.options = options;
    this.random = seededRandom((options.seed ?? 1) + 77);
  }

  get receivedBytes(): number {
    return this.bytes;
  }

  /** @param index the transport sequence number, not wrapped */
  expect(index: number, arrivalMs: number, sizeBytes: number): void {
    this.expected ??= index;
    this.arrivals.set(index, this.noticedAt(arrivalMs));
    this.bytes += sizeBytes;
  }

  /** The message that is due, and how many times and how late it is to be delivered. */
  poll(nowMs: number): { feedback: TwccFeedback; copies: number; extraDelayMs: number } | null {
    const { intervalMs = 62, feedbackLossRate = 0, feedbackRepeatRate = 0, feedbackReorderRate = 0 } = this.options;
    if (nowMs < this.nextAtMs || this.stallAt(nowMs)) return null;
    this.nextAtMs = nowMs + intervalMs;
    const feedback = this.build(nowMs);
    if (feedback === null) return null;
    const copies = this.random() < feedbackLossRate ? 0 : this.random() < feedbackRepeatRate ? 2 : 1;
    return { feedback, copies, extraDelayMs: this.random() < feedbackReorderRate ? intervalMs * 1.5 : 0 };
  }

  private stallAt(atMs: number): ReceiverStall | undefined {
    return this.options.stalls?.find(({ fromMs, toMs }) => fromMs <= atMs && atMs < toMs);
  }

  private noticedAt(arrivalMs: number): number {
    const { stalls, readingMs = 0 } = this.options;
    if (stalls === undefined) return arrivalMs;
    const readableAtMs = Math.max(arrivalMs, this.readAtMs) + readingMs;
    this.readAtMs = this.stallAt(readableAtMs)?.toMs ?? readableAtMs;
    return this.readAtMs;
  }

  private build(nowMs: number): TwccFeedback | null {
    const fresh: number[] = [];
    for (const [index, arrivalMs] of this.arrivals) if (arrivalMs <= nowMs) fresh.push(index);
    if (fresh.length === 0 || this.expected === null) return null;
    this.highest = Math.max(this.highest, ...fresh);
    const base = Math.min(this.expected, ...fresh);
    const arrivalsMs = new Float64Array(this.highest - base + 1).fill(Number.NaN);
    for (const index of fresh) {
      arrivalsMs[index - base] = this.clock(this.arrivals.get(index)!);
      this.arrivals.delete(index);
    }
    this.expected = this.highest + 1;
    this.count = (this.count + 1) & 0xff;
    return {
      baseSequenceNumber: base & 0xffff,
      feedbackCount: this.count,
      arrivalsMs,
      receivedCount: fresh.length,
    };
  }

  /** With the resolution and the wrap of the wire format. */
  private clock(atMs: number): number {
    const { skewPpm = 0, clockOffsetMs = 5_000_000 } = this.options;
    const shownMs = Math.round((atMs * (1 + skewPpm / 1e6) + clockOffsetMs) * 4) / 4;
    return ((((shownMs + clockPeriodMs / 2) % clockPeriodMs) + clockPeriodMs) % clockPeriodMs) - clockPeriodMs / 2;
  }
}
