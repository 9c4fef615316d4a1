import type { Buffer } from 'node:buffer';
import { historyPackets, type PacketHistory } from './packet-history.ts';

// It divides the 65536 sequence numbers, so slots stay in order across their wrap.
const capacity = historyPackets;
const never = Number.NEGATIVE_INFINITY;

/**
 * What one viewer was sent under which RTP sequence number: where the packet lies in the history of its rendition and
 * the timestamp it went out with. Typed arrays, so that remembering a packet allocates nothing.
 */
export class SentPackets {
  /** Every history that packets came from; as many as there are renditions to switch between. */
  private readonly histories: PacketHistory[] = [];
  private latest: { history: PacketHistory; id: number } | null = null;
  private readonly sequenceNumbers = new Int32Array(capacity).fill(-1);
  private readonly historyIds = new Uint16Array(capacity);
  private readonly historyIndices = new Float64Array(capacity);
  private readonly timestamps = new Uint32Array(capacity);
  private readonly resentAtMs = new Float64Array(capacity);

  /** Remembers a packet; the one sent `historyPackets` earlier is forgotten. */
  remember(sequenceNumber: number, history: PacketHistory, historyIndex: number, timestamp: number): void {
    const slot = sequenceNumber % capacity;
    this.sequenceNumbers[slot] = sequenceNumber;
    this.historyIds[slot] = this.latest?.history === history ? this.latest.id : this.idOf(history);
    this.historyIndices[slot] = historyIndex;
    this.timestamps[slot] = timestamp;
    this.resentAtMs[slot] = never;
  }

  /** The slot that holds a sequence number, or -1. Slots are valid until the next `remember`. */
  slotOf(sequenceNumber: number): number {
    const slot = sequenceNumber % capacity;
    return this.sequenceNumbers[slot] === sequenceNumber ? slot : -1;
  }

  /** The packet as it was shared, or undefined when its rendition's history has overwritten it. */
  packetAt(slot: number): Buffer | undefined {
    return this.histories[this.historyIds[slot] ?? -1]?.at(this.historyIndices[slot] ?? -1);
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

  private idOf(history: PacketHistory): number {
    const known = this.histories.indexOf(history);
    const id = known < 0 ? this.histories.push(history) - 1 : known;
    this.latest = { history, id };
    return id;
  }
}
