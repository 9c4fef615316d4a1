/** One packet as it went to the transport, under its transport-wide sequence number. */
export interface SentPacket {
  /** 16 bits; counts up by one for each packet of the peer connection, whatever line it belongs to. */
  transportSequence: number;
  /** With the RTP header, without what lies below (SRTP, UDP, IP). */
  sizeBytes: number;
  /** Monotonic; never less than that of the packet before. */
  atMs: number;
  /** Sent within a burst that was asked for by a `ProbeRequest`. */
  isProbe?: boolean;
}

/** What is known of a packet: nothing yet, that it arrived, or that a feedback message called it missing. */
export type PacketFate = 'unknown' | 'arrived' | 'missing';

// Four seconds at 10 Mbit/s. It divides the 65536 sequence numbers, so slots stay in order across their wrap.
const capacity = 4_096;
const slotMask = capacity - 1;
const fates: readonly PacketFate[] = ['unknown', 'arrived', 'missing'];

/**
 * The packets sent last, found by their transport-wide sequence number. Typed arrays, so that remembering a packet
 * allocates nothing. A slot is valid until the next `add`.
 */
export class TransportHistory {
  private readonly sequences = new Int32Array(capacity).fill(-1);
  private readonly sentTimesMs = new Float64Array(capacity);
  private readonly sizes = new Uint16Array(capacity);
  private readonly ownQueuesMs = new Float32Array(capacity);
  private readonly probeIds = new Uint16Array(capacity);
  private readonly fateIndices = new Uint8Array(capacity);

  /**
   * Remembers a packet, forgetting the one sent 4096 packets earlier.
   *
   * @param notes.probeId 16 bits, 0 for none
   */
  add(packet: SentPacket, notes: { probeId: number; ownQueueMs: number }): void {
    const slot = packet.transportSequence & slotMask;
    this.sequences[slot] = packet.transportSequence;
    this.sentTimesMs[slot] = packet.atMs;
    this.sizes[slot] = packet.sizeBytes;
    this.ownQueuesMs[slot] = notes.ownQueueMs;
    this.probeIds[slot] = notes.probeId;
    this.fateIndices[slot] = 0;
  }

  /** The slot of a packet, or -1 when it was never sent or is too old. */
  slotOf(transportSequence: number): number {
    const slot = transportSequence & slotMask;
    return this.sequences[slot] === transportSequence ? slot : -1;
  }

  sentAtMs(slot: number): number {
    return this.sentTimesMs[slot] ?? 0;
  }

  sizeBytes(slot: number): number {
    return this.sizes[slot] ?? 0;
  }

  /** See `OwnQueue`. */
  ownQueueMs(slot: number): number {
    return this.ownQueuesMs[slot] ?? 0;
  }

  /** 0 for a packet of no probe. */
  probeId(slot: number): number {
    return this.probeIds[slot] ?? 0;
  }

  fate(slot: number): PacketFate {
    return fates[this.fateIndices[slot] ?? 0] ?? 'unknown';
  }

  setFate(slot: number, fate: PacketFate): void {
    this.fateIndices[slot] = fates.indexOf(fate);
  }
}
