import type { Buffer } from 'node:buffer';

/** What one direction of a network does to packets. Every value may be changed while packets are under way. */
export interface PathConditions {
  /** Time in flight, after the packet has left the queue. */
  delayMs: number;
  /** Added to the flight, evenly spread from 0 to this. Packets keep their order. */
  jitterMs: number;
  /** Of the packets, 0 to 1, lost at random before the queue. */
  lossFraction: number;
  /** Of the bottleneck, with IP and UDP headers; null: no bottleneck. */
  rateKbps: number | null;
  /** What fits into the queue in front of the bottleneck; a packet that finds no room is dropped. */
  queueMaxBytes: number;
}

export interface PathStats {
  packetsIn: number;
  packetsDelivered: number;
  bytesDelivered: number;
  /** At random. */
  packetsLost: number;
  /** At a full queue. */
  packetsDropped: number;
}

/** A packet that came out, and what it met. */
export interface Departure {
  packet: Buffer;
  /** How long it waited in the queue for its turn. */
  queueDelayMs: number;
}

export const openPath: PathConditions = {
  delayMs: 0,
  jitterMs: 0,
  lossFraction: 0,
  rateKbps: null,
  queueMaxBytes: 256 * 1024,
};

/** IPv4 and UDP. */
const headerBytes = 28;

interface Queued<Route> {
  packet: Buffer;
  route: Route;
  enteredAtMs: number;
}

interface InFlight<Route> extends Queued<Route> {
  queueDelayMs: number;
  landsAtMs: number;
}

/**
 * One direction of an impaired network: random loss, then a queue of bounded size in front of a bottleneck, then the flight.
 * Pure: time is passed in and nothing happens by itself. A caller that comes late changes no rate, since departures are
 * computed from when the line became free, not from when somebody looked.
 */
export class ImpairedPath<Route> {
  readonly stats: PathStats = {
    packetsIn: 0,
    packetsDelivered: 0,
    bytesDelivered: 0,
    packetsLost: 0,
    packetsDropped: 0,
  };
  private readonly random: () => number;
  private readonly onDeparture: (departure: Departure, route: Route) => void;
  private conditions: PathConditions;
  private readonly queue: Queued<Route>[] = [];
  private readonly flight: InFlight<Route>[] = [];
  private queuedBytes = 0;
  private lineFreeAtMs = 0;
  private lastLandingMs = 0;

  constructor(options: {
    conditions: PathConditions;
    random: () => number;
    onDeparture(departure: Departure, route: Route): void;
  }) {
    this.conditions = options.conditions;
    this.random = options.random;
    this.onDeparture = options.onDeparture;
  }

  /** How long a packet that came now would wait, in ms. */
  queueDelayMs(nowMs: number): number {
    const { rateKbps } = this.conditions;
    if (rateKbps === null) return 0;
    return Math.max(0, this.lineFreeAtMs - nowMs) + (this.queuedBytes * 8) / rateKbps;
  }

  /** Holds from now on, also for what waits in the queue. */
  change(conditions: Partial<PathConditions>, nowMs: number): void {
    this.advance(nowMs);
    const before = this.conditions;
    this.conditions = { ...before, ...conditions };
    // What is on the line just now goes on at the new rate.
    const { rateKbps } = this.conditions;
    const restMs = Math.max(0, this.lineFreeAtMs - nowMs);
    if (before.rateKbps !== null && rateKbps !== before.rateKbps) {
      this.lineFreeAtMs = nowMs + (rateKbps === null ? 0 : (restMs * before.rateKbps) / rateKbps);
    }
  }

  handle(packet: Buffer, route: Route, nowMs: number): void {
    this.stats.packetsIn += 1;
    this.advance(nowMs);
    if (this.random() < this.conditions.lossFraction) {
      this.stats.packetsLost += 1;
      return;
    }
    const bytes = packet.length + headerBytes;
    if (this.queuedBytes + bytes > this.conditions.queueMaxBytes) {
      this.stats.packetsDropped += 1;
      return;
    }
    this.queue.push({ packet, route, enteredAtMs: nowMs });
    this.queuedBytes += bytes;
    this.advance(nowMs);
  }

  /** Lets out what is due. @returns when there will be more to do; null while nothing is under way */
  advance(nowMs: number): number | null {
    this.sendQueued(nowMs);
    for (let next = this.flight[0]; next && next.landsAtMs <= nowMs; next = this.flight[0]) {
      this.flight.shift();
      this.stats.packetsDelivered += 1;
      this.stats.bytesDelivered += next.packet.length;
      this.onDeparture({ packet: next.packet, queueDelayMs: next.queueDelayMs }, next.route);
    }
    const landing = this.flight[0]?.landsAtMs ?? Number.POSITIVE_INFINITY;
    const departure = this.queue[0] ? this.lineFreeAtMs : Number.POSITIVE_INFINITY;
    const next = Math.min(landing, departure);
    return Number.isFinite(next) ? next : null;
  }

  /** Puts on the line what the line had room for until now. A packet flies once its last bit is on the line. */
  private sendQueued(nowMs: number): void {
    const { rateKbps, delayMs, jitterMs } = this.conditions;
    for (let head = this.queue[0]; head; head = this.queue[0]) {
      const beginsAtMs = Math.max(head.enteredAtMs, this.lineFreeAtMs);
      if (beginsAtMs > nowMs) return;
      const bytes = head.packet.length + headerBytes;
      const sentAtMs = beginsAtMs + (rateKbps === null ? 0 : (bytes * 8) / rateKbps);
      this.queue.shift();
      this.queuedBytes -= bytes;
      this.lineFreeAtMs = sentAtMs;
      this.lastLandingMs = Math.max(this.lastLandingMs, sentAtMs + delayMs + jitterMs * this.random());
      const queueDelayMs = beginsAtMs - head.enteredAtMs;
      this.flight.push({ ...head, queueDelayMs, landsAtMs: this.lastLandingMs });
    }
  }
}
