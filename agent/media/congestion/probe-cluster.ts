/** A burst of packets at a rate above the target, by which the capacity of the path shows. */
export interface ProbeRequest {
  /** The pace: packets of the burst, media or padding, leave at this rate and are marked `isProbe`. */
  rateKbps: number;
  /** The burst ends when it has both. */
  bytesMin: number;
  packetsMin: number;
}

const durationMs = 15;
const packetsMin = 5;
/** A burst of which less arrived tells nothing. */
const arrivedShareMin = 0.8;
/** What arrives faster than it was sent was held back and released on its way. */
const speedupMax = 2;
/** Arriving at less than this share of the rate it was sent at, a burst has filled the path... */
const saturatedShare = 0.9;
/** ...and what arrived is the capacity, of which some is left free. */
const utilisation = 0.95;

export function buildProbeRequest(rateKbps: number): ProbeRequest {
  return { rateKbps, bytesMin: Math.ceil((rateKbps * durationMs) / 8), packetsMin };
}

/** The packets of one probe, as sent and as they arrived. */
export class ProbeCluster {
  readonly request: ProbeRequest;
  private sentPackets = 0;
  private sentBytes = 0;
  private resolvedPackets = 0;
  private arrivedPackets = 0;
  private arrivedBytes = 0;
  private firstSentMs = Number.POSITIVE_INFINITY;
  private lastSentMs = Number.NEGATIVE_INFINITY;
  private lastSentBytes = 0;
  private firstArrivedMs = Number.POSITIVE_INFINITY;
  private lastArrivedMs = Number.NEGATIVE_INFINITY;
  private firstArrivedBytes = 0;

  constructor(request: ProbeRequest) {
    this.request = request;
  }

  get isSent(): boolean {
    return this.sentPackets >= this.request.packetsMin && this.sentBytes >= this.request.bytesMin;
  }

  /** Whether the fate of every packet is known. */
  get isResolved(): boolean {
    return this.isSent && this.resolvedPackets >= this.sentPackets;
  }

  handleSent(sizeBytes: number): void {
    this.sentPackets += 1;
    this.sentBytes += sizeBytes;
  }

  handleMissing(): void {
    this.resolvedPackets += 1;
  }

  handleArrival(sentAtMs: number, arrivedAtMs: number, sizeBytes: number): void {
    this.resolvedPackets += 1;
    this.arrivedPackets += 1;
    this.arrivedBytes += sizeBytes;
    this.firstSentMs = Math.min(this.firstSentMs, sentAtMs);
    if (sentAtMs >= this.lastSentMs) {
      this.lastSentMs = sentAtMs;
      this.lastSentBytes = sizeBytes;
    }
    if (arrivedAtMs < this.firstArrivedMs) {
      this.firstArrivedMs = arrivedAtMs;
      this.firstArrivedBytes = sizeBytes;
    }
    this.lastArrivedMs = Math.max(this.lastArrivedMs, arrivedAtMs);
  }

  /** The bitrate that the path has shown to carry, or null when too little arrived or the times make no sense. */
  measuredKbps(): number | null {
    if (this.arrivedPackets < this.request.packetsMin * arrivedShareMin) return null;
    if (this.arrivedBytes < this.request.bytesMin * arrivedShareMin) return null;
    // Between n packets lie n - 1 intervals: the last one sent and the first one to arrive do not count.
    const sentKbps = ((this.arrivedBytes - this.lastSentBytes) * 8) / (this.lastSentMs - this.firstSentMs);
    const arrivedKbps = ((this.arrivedBytes - this.firstArrivedBytes) * 8) / (this.lastArrivedMs - this.firstArrivedMs);
    if (!Number.isFinite(sentKbps) || !Number.isFinite(arrivedKbps) || arrivedKbps > sentKbps * speedupMax) return null;
    return arrivedKbps < saturatedShare * sentKbps ? utilisation * arrivedKbps : Math.min(sentKbps, arrivedKbps);
  }
}
