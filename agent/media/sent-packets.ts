import { historyPackets } from './packet-history.ts';

// It divides the 65536 sequence numbers, so slots stay in order across their wrap.
const capacity = historyPackets;
const never = Number.NEGATIVE_INFINITY;

/**
 * What one viewer was sent under which RTP sequence number: where the packet lies in the rendition's `PacketHistory`
 * and the timestamp it went out with. Typed arrays, so that remembering a packet allocates nothing.
 */
export class SentPackets {
  private readonly sequenceNumbers = new Int32Array(capacity).fill(-1);
  private readonly historyIndices = new Float64Array(capacity);
  private readonly timestamps = new Uint32Array(capacity);
  private readonly resentAtMs = new Float64Array(capacity);

  /** Remembers a packet; the one sent `historyPackets` earlier is forgotten. */
  remember(sequenceNumber: number, historyIndex: number, timestamp: number): void {
    const slot = sequenceNumber % capacity;
    this.sequenceNumbers[slot] = sequenceNumber;
    this.historyIndices[slot] = historyIndex;
    this.timestamps[slot] = timestamp;
    this.resentAtMs[slot] = never;
  }

  /** The slot that holds a sequence number, or -1. Slots are valid until the next `remember`. */
  slotOf(sequenceNumber: number): number {
    const slot = sequenceNumber % capacity;
    return this.sequenceNumbers[slot] === sequenceNumber ? slot : -1;
  }

  historyIndexAt(slot: number): number {
    return this.historyIndices[slot] ?? -1;
  }

  /** The 32-bit RTP timestamp the packet was sent with. */
  timestampAt(slot: number): number {
    return this.timestamps[slot] ?? 0;
  }

  /** When the packet was last sent again, in monotonic milliseconds; negative infinity when it never was. */
  resentAtMsAt(slot: number): number {
    return this.resentAtMs[slot] ?? never;
  }

  noteResent(slot: number, nowMs: number): void {
    this.resentAtMs[slot] = nowMs;
  }
}
