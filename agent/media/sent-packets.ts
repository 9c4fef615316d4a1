import type { Buffer } from 'node:buffer';
import type { PacketHistory } from './packet-history.ts';

/** Pictures to look back on: eight seconds at 30 a second, which is longer than any viewer waits for a lost packet. */
const picturesMax = 256;

/**
 * What one viewer was sent under which RTP sequence number: where the packet lies in the history of its rendition and
 * the timestamp it went out with. The packets of a picture follow each other in both, so only its first one is written
 * down, in typed arrays: remembering a packet allocates nothing, and a viewer takes 5 KB.
 */
export class SentPackets {
  /** Every history that packets came from; as many as there are renditions to switch between. */
  private readonly histories: PacketHistory[] = [];
  private latest: { history: PacketHistory; id: number } | null = null;
  private pictures = 0;
  private readonly firstSequences = new Uint16Array(picturesMax);
  private readonly packetCounts = new Uint16Array(picturesMax);
  private readonly historyIds = new Uint16Array(picturesMax);
  private readonly firstIndices = new Float64Array(picturesMax);
  private readonly timestamps = new Uint32Array(picturesMax);

  /**
   * Remembers a packet, to be called in the order of sequence numbers; the picture sent 256 pictures earlier is forgotten.
   *
   * @param sequenceNumber 16 bits
   * @param timestamp 32 bits, another one for each picture
   */
  remember(sequenceNumber: number, history: PacketHistory, historyIndex: number, timestamp: number): void {
    const slot = this.slotOf(this.pictures - 1);
    if (this.pictures > 0 && timestamp === this.timestamps[slot] && history === this.latest?.history) {
      const count = this.packetCounts[slot] ?? 0;
      const isNext = historyIndex === (this.firstIndices[slot] ?? 0) + count;
      if (isNext && sequenceNumber === (((this.firstSequences[slot] ?? 0) + count) & 0xffff)) {
        this.packetCounts[slot] = count + 1;
        return;
      }
    }
    this.begin(sequenceNumber, history, historyIndex, timestamp);
  }

  /** The packet as it was shared, and its RTP timestamp; null when it was never sent or is too old. */
  find(sequenceNumber: number): { packet: Buffer; timestamp: number } | null {
    // From the newest on: what is asked for again has mostly just been sent.
    const oldest = Math.max(0, this.pictures - picturesMax);
    for (let picture = this.pictures - 1; picture >= oldest; picture -= 1) {
      const slot = this.slotOf(picture);
      const offset = (sequenceNumber - (this.firstSequences[slot] ?? 0)) & 0xffff;
      if (offset >= (this.packetCounts[slot] ?? 0)) continue;
      const packet = this.histories[this.historyIds[slot] ?? -1]?.at((this.firstIndices[slot] ?? 0) + offset);
      return packet === undefined ? null : { packet, timestamp: this.timestamps[slot] ?? 0 };
    }
    return null;
  }

  /** Forgets all of them. */
  clear(): void {
    this.pictures = 0;
    this.histories.length = 0;
    this.latest = null;
  }

  private begin(sequenceNumber: number, history: PacketHistory, historyIndex: number, timestamp: number): void {
    const slot = this.slotOf(this.pictures);
    this.pictures += 1;
    this.firstSequences[slot] = sequenceNumber;
    this.packetCounts[slot] = 1;
    this.historyIds[slot] = this.latest?.history === history ? this.latest.id : this.idOf(history);
    this.firstIndices[slot] = historyIndex;
    this.timestamps[slot] = timestamp;
  }

  private slotOf(picture: number): number {
    return picture % picturesMax;
  }

  private idOf(history: PacketHistory): number {
    const known = this.histories.indexOf(history);
    const id = known < 0 ? this.histories.push(history) - 1 : known;
    this.latest = { history, id };
    return id;
  }
}
