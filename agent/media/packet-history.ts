import type { Buffer } from 'node:buffer';

/** How many packets back a retransmission can reach: a full default GOP cache, or two seconds at 10 Mbit/s. */
const historyPackets = 2048;

/**
 * The last packets of one rendition, kept for retransmission to any viewer. Memory is bounded by the number of
 * packets, each at most 1200 bytes.
 */
export class PacketHistory {
  private readonly ring: (Buffer | undefined)[] = new Array(historyPackets).fill(undefined);
  private nextIndex = 0;

  /**
   * Stores the packets and returns the index of the first; the others follow without gaps. Indices are never reused.
   */
  add(packets: readonly Buffer[]): number {
    const firstIndex = this.nextIndex;
    for (const packet of packets) {
      this.ring[this.nextIndex % this.ring.length] = packet;
      this.nextIndex += 1;
    }
    return firstIndex;
  }

  /** The packet with this index, or undefined when it has been overwritten or never existed. */
  at(index: number): Buffer | undefined {
    if (index < 0 || index >= this.nextIndex || index < this.nextIndex - this.ring.length) return undefined;
    return this.ring[index % this.ring.length];
  }
}
