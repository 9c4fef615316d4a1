import { Buffer } from 'node:buffer';
import { rtpHeaderBytes, writeHeaderTemplate } from './rtp-packet.ts';

/** The packets of one picture, which lie behind each other in one allocation. Ask for the last one with `isLast`. */
export class PacketSlab {
  readonly packets: Buffer[] = [];
  private readonly slab: Buffer;
  private filledBytes = 0;

  /** @param payloadBytes of all packets together */
  constructor(payloadBytes: number, packetCount: number) {
    const headersBytes = rtpHeaderBytes(true) + (packetCount - 1) * rtpHeaderBytes(false);
    this.slab = Buffer.allocUnsafe(payloadBytes + headersBytes);
  }

  /** Adds a packet with its header template and returns the place for its payload. */
  add(payloadBytes: number, isLast: boolean): Buffer {
    const isFirst = this.packets.length === 0;
    const headerBytes = rtpHeaderBytes(isFirst);
    const packet = this.slab.subarray(this.filledBytes, this.filledBytes + headerBytes + payloadBytes);
    writeHeaderTemplate(packet, { isFirst, hasMarker: isLast, hasPlayoutDelay: true });
    this.packets.push(packet);
    this.filledBytes += packet.length;
    return packet.subarray(headerBytes);
  }
}
