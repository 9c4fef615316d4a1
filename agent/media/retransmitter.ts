import { Buffer } from 'node:buffer';
import type { PacketHistory } from './packet-history.ts';
import { rtpHeaderBytesOf, rtpPacketMaxBytes } from './rtp-packet.ts';
import type { RtpWriter } from './rtp-writer.ts';
import { SentPackets } from './sent-packets.ts';

/** How many packets a viewer may wait for, and ask for at once: looking for each takes time that belongs to all viewers. */
const wantedMax = 512;
/** Of how many packets it is known when they were last sent again. */
const resendsRemembered = 512;

const originalSequenceBytes = 2;
const never = Number.NEGATIVE_INFINITY;

// Packets are sent before anything else is written, so one buffer serves all viewers.
const rtxPacket = Buffer.allocUnsafe(rtpPacketMaxBytes);

/**
 * Sends one viewer again what it asks for: as a retransmission stream with numbers of its own (RFC 4588), or under the
 * original number where the viewer knows no such stream.
 */
export class Retransmitter {
  private readonly media: RtpWriter;
  private readonly rtx: RtpWriter | null;
  private readonly sent = new SentPackets();
  private readonly wanted = new Set<number>();
  /** When packets were last sent again, the latest at the end. */
  private readonly resentAtMs = new Map<number, number>();
  private newestSequenceNumber = 0;
  private resentCount = 0;
  private unknownCount = 0;

  constructor(media: RtpWriter, rtx: RtpWriter | null) {
    this.media = media;
    this.rtx = rtx;
  }

  /** What is asked for and not sent again yet, with full packets. */
  get wantedMaxBytes(): number {
    return this.wanted.size * rtpPacketMaxBytes;
  }

  /** Packets sent again because they were asked for. */
  get packetsResent(): number {
    return this.resentCount;
  }

  /** Asked for, but too old or never sent. */
  get packetsUnknown(): number {
    return this.unknownCount;
  }

  remember(sequenceNumber: number, history: PacketHistory, historyIndex: number, timestamp: number): void {
    this.newestSequenceNumber = sequenceNumber;
    this.sent.remember(sequenceNumber, history, historyIndex, timestamp);
  }

  /**
   * The viewer misses these packets: `resendNext` sends them. Those that were sent again less than `pauseMs` ago may still
   * be under way, and are left out, as are those beyond the 512th.
   */
  request(sequenceNumbers: readonly number[], { nowMs, pauseMs }: { nowMs: number; pauseMs: number }): void {
    for (const sequenceNumber of sequenceNumbers.slice(0, wantedMax)) {
      if (this.sent.find(sequenceNumber) === null) this.unknownCount += 1;
      else if (nowMs - (this.resentAtMs.get(sequenceNumber) ?? never) < pauseMs) continue;
      else if (this.wanted.size < wantedMax) this.wanted.add(sequenceNumber);
    }
  }

  /** The viewer is sent a keyframe and can do without all that came before it: none of that is sent again. */
  forget(): void {
    this.wanted.clear();
    this.sent.clear();
  }

  /** Sends the next of the packets asked for. False when there is none left. */
  resendNext(nowMs: number): boolean {
    for (const sequenceNumber of this.wanted) {
      this.wanted.delete(sequenceNumber);
      if (!this.resend(sequenceNumber)) continue;
      this.noteResent(sequenceNumber, nowMs);
      this.resentCount += 1;
      return true;
    }
    return false;
  }

  /**
   * Sends the newest packet once more, for a burst that shall show what the path can carry. False when there is none, or
   * no retransmission stream: a packet that comes twice under the same number counts as a replay (RFC 3711 3.3.2), is
   * thrown away before it is counted, and so would look lost.
   */
  sendFiller(): boolean {
    return this.rtx !== null && this.resend(this.newestSequenceNumber);
  }

  private noteResent(sequenceNumber: number, nowMs: number): void {
    this.resentAtMs.delete(sequenceNumber);
    this.resentAtMs.set(sequenceNumber, nowMs);
    if (this.resentAtMs.size <= resendsRemembered) return;
    for (const oldest of this.resentAtMs.keys()) {
      this.resentAtMs.delete(oldest);
      return;
    }
  }

  private resend(sequenceNumber: number): boolean {
    const found = this.sent.find(sequenceNumber);
    if (found === null) return false;
    const { packet, timestamp } = found;
    if (this.rtx === null) return this.media.sendAgain(packet, sequenceNumber, timestamp);
    return this.rtx.send(wrapRtx(packet, sequenceNumber), timestamp) !== null;
  }
}

/** RFC 4588 4: the original sequence number goes before the payload; the writer stamps the rest of the header. */
function wrapRtx(packet: Buffer, originalSequenceNumber: number): Buffer {
  const headerBytes = rtpHeaderBytesOf(packet);
  packet.copy(rtxPacket, 0, 0, headerBytes);
  rtxPacket.writeUInt16BE(originalSequenceNumber, headerBytes);
  packet.copy(rtxPacket, headerBytes + originalSequenceBytes, headerBytes);
  return rtxPacket.subarray(0, packet.length + originalSequenceBytes);
}
