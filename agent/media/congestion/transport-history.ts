/** One packet as it went to the transport, under its transport-wide sequence number. */
export interface SentPacket {
  /** 16 bits; counts up by one for each packet of the peer connection, whatever line it belongs to. */
  transportSequence: number;
  /** With the RTP header, without what lies below (SRTP, UDP, IP). */
  sizeBytes: number;
  /** Monotonic; never less than that of the packet before. */
  atMs: number;
  /** Sent within a burst that was asked for by a `ProbeRequest`. */
  isProbe: boolean;
}

/** What is known of a packet: nothing yet, that it arrived, or that a feedback message called it missing. */
export type PacketFate = 'unknown' | 'arrived' | 'missing';

// Both divide the 65536 sequence numbers, so slots stay in order across their wrap. The first is two seconds at 2 Mbit/s,
// the second four at 10 Mbit/s.
const capacityMin = 512;
const capacityMax = 4_096;
/** The longest round trip that is reckoned with: a packet not reported by then says nothing about the path of now. */
const awaitedMs = 5_000;
const fates: readonly PacketFate[] = ['unknown', 'arrived', 'missing'];

/**
 * The packets sent last, found by their transport-wide sequence number. Typed arrays, so that remembering a packet
 * allocates nothing. They begin small, because a viewer on a good path needs few and there may be many viewers, and grow
 * when a packet would be forgotten whose report is still to come. A slot is valid until the next `add`.
 */
export class TransportHistory {
  private slots = allocateSlots(capacityMin);
  private isReported = false;

  /**
   * Remembers a packet, forgetting the one sent 512 packets earlier; up to 4096 where reports are slower than that.
   *
   * @param notes.probeId 16 bits, 0 for none
   */
  add(packet: SentPacket, notes: { probeId: number; ownQueueMs: number }): void {
    if (this.isAwaited(this.indexOf(packet.transportSequence), packet.atMs)) this.grow();
    const { slots } = this;
    const slot = this.indexOf(packet.transportSequence);
    slots.sequences[slot] = packet.transportSequence;
    slots.sentTimesMs[slot] = packet.atMs;
    slots.sizes[slot] = packet.sizeBytes;
    slots.ownQueuesMs[slot] = notes.ownQueueMs;
    slots.probeIds[slot] = notes.probeId;
    slots.fateIndices[slot] = 0;
  }

  /** The receiver reports: from now on packets are kept until their report has come. Not every receiver does. */
  expectReports(): void {
    this.isReported = true;
  }

  /** The slot of a packet, or -1 when it was never sent or is too old. */
  slotOf(transportSequence: number): number {
    const slot = this.indexOf(transportSequence);
    return this.slots.sequences[slot] === transportSequence ? slot : -1;
  }

  sentAtMs(slot: number): number {
    return this.slots.sentTimesMs[slot] ?? 0;
  }

  sizeBytes(slot: number): number {
    return this.slots.sizes[slot] ?? 0;
  }

  /** See `OwnQueue`. */
  ownQueueMs(slot: number): number {
    return this.slots.ownQueuesMs[slot] ?? 0;
  }

  /** 0 for a packet of no probe. */
  probeId(slot: number): number {
    return this.slots.probeIds[slot] ?? 0;
  }

  fate(slot: number): PacketFate {
    return fates[this.slots.fateIndices[slot] ?? 0] ?? 'unknown';
  }

  setFate(slot: number, fate: PacketFate): void {
    this.slots.fateIndices[slot] = fates.indexOf(fate);
  }

  private indexOf(transportSequence: number): number {
    return transportSequence & (this.slots.sequences.length - 1);
  }

  /** Whether a slot holds a packet whose report is still to come. */
  private isAwaited(slot: number, nowMs: number): boolean {
    const { sequences, sentTimesMs, fateIndices } = this.slots;
    if (!this.isReported || sequences[slot] === -1 || fateIndices[slot] !== 0) return false;
    return nowMs - (sentTimesMs[slot] ?? 0) <= awaitedMs;
  }

  private grow(): void {
    const old = this.slots;
    if (old.sequences.length === capacityMax) return;
    this.slots = allocateSlots(old.sequences.length * 2);
    old.sequences.forEach((sequence, slot) => {
      if (sequence >= 0) copySlot(old, slot, this.slots, this.indexOf(sequence));
    });
  }
}

type Slots = ReturnType<typeof allocateSlots>;

function allocateSlots(capacity: number) {
  return {
    /** -1: empty. */
    sequences: new Int32Array(capacity).fill(-1),
    sentTimesMs: new Float64Array(capacity),
    sizes: new Uint16Array(capacity),
    ownQueuesMs: new Float32Array(capacity),
    probeIds: new Uint16Array(capacity),
    fateIndices: new Uint8Array(capacity),
  };
}

function copySlot(from: Slots, fromSlot: number, to: Slots, toSlot: number): void {
  for (const name of Object.keys(to) as (keyof Slots)[]) to[name][toSlot] = from[name][fromSlot] ?? 0;
}
