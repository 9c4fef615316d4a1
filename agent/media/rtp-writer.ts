import type { Buffer } from 'node:buffer';
import { randomInt } from 'node:crypto';
import { ticksOf } from './media-clock.ts';
import { type RtpStream, rtpHeaderBytes, stampPacket } from './rtp-packet.ts';
import { SentPackets } from './sent-packets.ts';
import type { TransportSequence } from './transport-sequence.ts';

/** Takes RTP and RTCP packets towards one viewer. */
export interface PacketTransport {
  /**
   * Sends or copies the packet before it returns, because the buffer is overwritten for the next viewer right after.
   * False (or a throw) when the packet was not taken.
   */
  send(packet: Buffer): boolean;
}

export interface RtpWriterOptions {
  transport: PacketTransport;
  /** Shared by all writers of the same peer connection. */
  transportSequence: TransportSequence;
  stream: RtpStream;
}

/**
 * `refused` by the transport; `pending`: sent again a moment ago, so it may still be under way; `unknown`: too old or
 * never sent.
 */
export type ResendOutcome = 'sent' | 'refused' | 'pending' | 'unknown';

/**
 * One outgoing RTP stream: numbers, times, sends and sends again packets that it shares with the streams of other
 * viewers. Its sequence numbers and timestamps go on whatever rendition the packets come from.
 */
export class RtpWriter {
  private readonly transport: PacketTransport;
  private readonly transportSequence: TransportSequence;
  private readonly stream: RtpStream;
  private readonly sentPackets = new SentPackets();
  // In the lower half: a wrap among the first packets, if they are lost, would confuse SRTP's rollover counter (RFC
  // 3711 3.3.1).
  private nextSequenceNumber = randomInt(0x8000);
  private readonly timestampOffset = randomInt(2 ** 32);
  private packetsTaken = 0;
  private bytesTaken = 0;

  constructor(options: RtpWriterOptions) {
    this.transport = options.transport;
    this.transportSequence = options.transportSequence;
    this.stream = options.stream;
  }

  /** RTP packets that the transport took, those sent again included. */
  get packetsSent(): number {
    return this.packetsTaken;
  }

  /** The size of these packets, headers included. */
  get bytesSent(): number {
    return this.bytesTaken;
  }

  /** The size of these packets without their headers. */
  get payloadBytesSent(): number {
    return this.bytesTaken - this.packetsTaken * rtpHeaderBytes;
  }

  /** The 32-bit RTP timestamp for a time on the media timeline, in ticks of 1/90000 s. */
  timestampOf(timelineTicks: number): number {
    return (this.timestampOffset + timelineTicks) >>> 0;
  }

  /** The RTP timestamp of a moment: the media timeline is the monotonic clock, so no frame is needed to go by. */
  timestampAt(monotonicMs: number): number {
    return this.timestampOf(ticksOf(monotonicMs));
  }

  /**
   * Sends a packet for the first time and returns whether the transport took it. A sequence number is used up only
   * then, so the viewer sees no gap and asks for nothing that was never sent.
   *
   * @param historyIndex where the packet can be found again for `resend`
   */
  send(packet: Buffer, historyIndex: number, timestamp: number): boolean {
    const sequenceNumber = this.nextSequenceNumber;
    if (!this.stampAndSend(packet, sequenceNumber, timestamp)) return false;
    this.sentPackets.remember(sequenceNumber, historyIndex, timestamp);
    this.nextSequenceNumber = (sequenceNumber + 1) & 0xffff;
    return true;
  }

  /**
   * Sends a packet again, unless that was done less than `pauseMs` ago.
   *
   * @param packetAt finds a packet by the history index that was given to `send`
   */
  resend(
    sequenceNumber: number,
    packetAt: (historyIndex: number) => Buffer | undefined,
    { nowMs, pauseMs }: { nowMs: number; pauseMs: number },
  ): ResendOutcome {
    const slot = this.sentPackets.slotOf(sequenceNumber);
    const packet = slot < 0 ? undefined : packetAt(this.sentPackets.historyIndexAt(slot));
    if (packet === undefined) return 'unknown';
    if (nowMs - this.sentPackets.resentAtMsAt(slot) < pauseMs) return 'pending';
    if (!this.stampAndSend(packet, sequenceNumber, this.sentPackets.timestampAt(slot))) return 'refused';
    this.sentPackets.noteResent(slot, nowMs);
    return 'sent';
  }

  /** Hands an RTCP packet to the transport and returns whether it was taken. */
  sendRtcp(packet: Buffer): boolean {
    return this.trySend(packet);
  }

  private stampAndSend(packet: Buffer, sequenceNumber: number, timestamp: number): boolean {
    stampPacket(packet, this.stream, sequenceNumber, timestamp, this.transportSequence.next());
    if (!this.trySend(packet)) return false;
    this.packetsTaken += 1;
    this.bytesTaken += packet.length;
    return true;
  }

  private trySend(packet: Buffer): boolean {
    try {
      return this.transport.send(packet);
    } catch {
      return false; // told to the caller, who counts it like a refusal
    }
  }
}
