import type { ProbeRequest } from './congestion/probe-cluster.ts';

/** A burst that finds nothing to send must not hold up the pace of what comes later. */
const durationMaxMs = 500;
/** Timers are not finer. */
const waitMinMs = 1;

/** Paces the packets of a probe: each leaves when those before it have taken their time at the probe's rate. */
export class ProbeBurst {
  private readonly request: ProbeRequest;
  private readonly startedAtMs: number;
  private sentBytes = 0;
  private sentPackets = 0;

  constructor(request: ProbeRequest, nowMs: number) {
    this.request = request;
    this.startedAtMs = nowMs;
  }

  isOver(nowMs: number): boolean {
    const { bytesMin, packetsMin } = this.request;
    const isComplete = this.sentBytes >= bytesMin && this.sentPackets >= packetsMin;
    return isComplete || nowMs - this.startedAtMs > durationMaxMs;
  }

  handleSent(sizeBytes: number): void {
    this.sentBytes += sizeBytes;
    this.sentPackets += 1;
  }

  /** 0 when the next packet is due. */
  waitMs(nowMs: number): number {
    const dueInMs = this.startedAtMs + (this.sentBytes * 8) / this.request.rateKbps - nowMs;
    return dueInMs <= 0 ? 0 : Math.max(waitMinMs, dueInMs);
  }
}
