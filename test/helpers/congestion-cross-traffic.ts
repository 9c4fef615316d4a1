import type { CongestionLink } from './congestion-link.ts';

const packetBytes = 1_200;

/** Somebody else's stream of constant rate, for a while. */
export class ConstantTraffic {
  private readonly options: { link: CongestionLink; kbps: number; fromMs: number; toMs: number };
  private budgetBytes = 0;

  constructor(options: { link: CongestionLink; kbps: number; fromMs: number; toMs: number }) {
    this.options = options;
  }

  step(nowMs: number): void {
    const { link, kbps, fromMs, toMs } = this.options;
    if (nowMs < fromMs || nowMs >= toMs) return;
    this.budgetBytes += kbps / 8;
    for (; this.budgetBytes >= packetBytes; this.budgetBytes -= packetBytes) link.send(packetBytes, nowMs);
  }
}

/** A TCP download in the manner of Reno: fills the queue until a packet is lost, then halves its window. */
export class TcpTraffic {
  private readonly link: CongestionLink;
  private readonly fromMs: number;
  private window = 10;
  private slowStartUntil = Number.POSITIVE_INFINITY;
  private inFlight: { dueAtMs: number; isLost: boolean; sentAtMs: number }[] = [];
  private recoverUntilMs = 0;
  private bytes = 0;

  constructor(options: { link: CongestionLink; fromMs: number }) {
    this.link = options.link;
    this.fromMs = options.fromMs;
  }

  get receivedBytes(): number {
    return this.bytes;
  }

  step(nowMs: number): void {
    if (nowMs < this.fromMs) return;
    for (const { dueAtMs, isLost, sentAtMs } of this.inFlight) {
      if (dueAtMs <= nowMs) this.acknowledge(isLost, sentAtMs, nowMs);
    }
    this.inFlight = this.inFlight.filter(({ dueAtMs }) => dueAtMs > nowMs);
    while (this.inFlight.length < Math.floor(this.window)) this.send(nowMs);
  }

  private send(sentAtMs: number): void {
    const expectedMs = sentAtMs + this.link.queueMs(sentAtMs) + 60;
    const arrivalMs = this.link.send(packetBytes, sentAtMs);
    this.inFlight.push({ dueAtMs: (arrivalMs ?? expectedMs) + 20, isLost: arrivalMs === null, sentAtMs });
  }

  private acknowledge(isLost: boolean, sentAtMs: number, nowMs: number): void {
    if (!isLost) {
      this.bytes += packetBytes;
      this.window += this.window < this.slowStartUntil ? 1 : 1 / this.window;
    } else if (sentAtMs >= this.recoverUntilMs) {
      this.recoverUntilMs = nowMs; // one loss event for all that was in flight
      this.window = Math.max(2, this.window / 2);
      this.slowStartUntil = this.window;
    }
  }
}
