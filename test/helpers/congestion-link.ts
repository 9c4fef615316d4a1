/** From `fromMs` on the link carries `kbps`. */
export interface RateStep {
  fromMs: number;
  kbps: number;
}

export interface CongestionLinkOptions {
  seed?: number;
  /** Sorted; the first one begins at 0. */
  rates: readonly RateStep[];
  /** Bytes that wait for the bottleneck; what comes on top is dropped. */
  queueMaxBytes?: number;
  propagationMs?: number;
  /** Each packet is delayed by up to so much more, behind the bottleneck. */
  jitterMs?: number;
  /** Whether packets may overtake each other by jitter. */
  reorders?: boolean;
  /** 0 to 1, at random, behind the bottleneck. */
  lossRate?: number;
}

/** A seeded generator of numbers from 0 to 1 (mulberry32). */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * A bottleneck in virtual time: first in, first out at a rate that may change, with a bounded queue, then propagation,
 * jitter and random loss. All flows that share it call `send` in the order of time.
 */
export class CongestionLink {
  private readonly options: CongestionLinkOptions;
  private readonly random: () => number;
  private freeAtMs = 0;
  private latestArrivalMs = 0;
  private waiting: { leavesAtMs: number; sizeBytes: number }[] = [];
  private waitingBytes = 0;
  private bytesCarried = 0;
  private queueDrops = 0;

  constructor(options: CongestionLinkOptions) {
    this.options = options;
    this.random = seededRandom(options.seed ?? 1);
  }

  /** Of all flows, past the bottleneck. */
  get carriedBytes(): number {
    return this.bytesCarried;
  }

  get droppedByQueue(): number {
    return this.queueDrops;
  }

  /** How long a packet sent now would wait. */
  queueMs(nowMs: number): number {
    return Math.max(0, this.freeAtMs - nowMs);
  }

  /** Returns when the packet arrives, or null when it is lost. */
  send(sizeBytes: number, nowMs: number): number | null {
    while (this.waiting[0] !== undefined && this.waiting[0].leavesAtMs <= nowMs) {
      this.waitingBytes -= this.waiting.shift()!.sizeBytes;
    }
    if (this.waitingBytes + sizeBytes > (this.options.queueMaxBytes ?? Number.POSITIVE_INFINITY)) {
      this.queueDrops += 1;
      return null;
    }
    this.freeAtMs = this.departure(Math.max(nowMs, this.freeAtMs), sizeBytes);
    this.waiting.push({ leavesAtMs: this.freeAtMs, sizeBytes });
    this.waitingBytes += sizeBytes;
    this.bytesCarried += sizeBytes;
    const { lossRate = 0, jitterMs = 0, propagationMs = 20, reorders = false } = this.options;
    const isLost = this.random() < lossRate;
    const arrivalMs = this.freeAtMs + propagationMs + this.random() * jitterMs;
    if (isLost) return null;
    this.latestArrivalMs = Math.max(this.latestArrivalMs, arrivalMs);
    return reorders ? arrivalMs : this.latestArrivalMs;
  }

  rateKbps(nowMs: number): number {
    let kbps = 0;
    for (const step of this.options.rates) if (step.fromMs <= nowMs) kbps = step.kbps;
    return kbps;
  }

  /** When a packet whose transmission begins at `startMs` has left, across changes of the rate. */
  private departure(startMs: number, sizeBytes: number): number {
    let bits = sizeBytes * 8;
    let atMs = startMs;
    for (const { fromMs } of this.options.rates) {
      if (fromMs <= atMs) continue;
      const carried = (fromMs - atMs) * this.rateKbps(atMs);
      if (carried >= bits) break;
      bits -= carried;
      atMs = fromMs;
    }
    return atMs + bits / this.rateKbps(atMs);
  }
}
