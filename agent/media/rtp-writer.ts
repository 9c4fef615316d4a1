import type { Buffer } from 'node:buffer';
import { randomInt } from 'node:crypto';
import type { Pacer } from './pacer.ts';
import { type RtpStream, rtpHeaderBytesOf, stampPacket } from './rtp-packet.ts';
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
  /** Shared by all writers of the same peer connection, as is the pacer, which learns of every packet. */
  transportSequence: TransportSequence;
  pacer: Pick<Pacer, 'handleSent'>;
  stream: RtpStream;
}

/**
 * One outgoing RTP stream: numbers and sends packets that it shares with the streams of other viewers. Its sequence
 * numbers and timestamps go on whatever rendition the packets come from.
 */
export class RtpWriter {
  /** The RTP timestamp at time 0 of the stream's clock, 32 bits, random (RFC 3550 5.1). */
  readonly timestampOffset = randomInt(2 ** 32);
  private readonly transport: PacketTransport;
  private readonly transportSequence: TransportSequence;
  private readonly pacer: Pick<Pacer, 'handleSent'>;
  private readonly stream: RtpStream;
  // In the lower half: a wrap among the first packets, if they are lost, would confuse SRTP's rollover counter (RFC
  // 3711 3.3.1).
  private nextSequenceNumber = randomInt(0x8000);
  private packetsTaken = 0;
  private bytesTaken = 0;
  private headerBytesTaken = 0;

  constructor(options: RtpWriterOptions) {
    this.transport = options.transport;
    this.transportSequence = options.transportSequence;
    this.pacer = options.pacer;
    this.stream = options.stream;
  }

  get ssrc(): number {
    return this.stream.ssrc;
  }

  /** RTP packets that the transport took, those sent again included. */
  get packetsSent(): number {
    return this.packetsTaken;
  }

  /** The size of these packets, headers included. */
  get bytesSent(): number {
    return this.bytesTaken;
  }

  /** As sender reports count it, without headers (RFC 3550 6.4.1). */
  get payloadBytesSent(): number {
    return this.bytesTaken - this.headerBytesTaken;
  }

  /** The RTP timestamp for a time in ticks of the stream's clock. */
  timestampOf(ticks: number): number {
    return (this.timestampOffset + ticks) >>> 0;
  }

  /**
   * Sends a packet under the next sequence number and returns that, or null when the transport did not take it. Only
   * then is the number used up, so the viewer sees no gap and asks for nothing that was never sent.
   */
  send(packet: Buffer, timestamp: number): number | null {
    const sequenceNumber = this.nextSequenceNumber;
    if (!this.sendAgain(packet, sequenceNumber, timestamp)) return null;
    this.nextSequenceNumber = (sequenceNumber + 1) & 0xffff;
    return sequenceNumber;
  }

  /** Sends a packet under a sequence number that has been used for it before. False when the transport refused it. */
  sendAgain(packet: Buffer, sequenceNumber: number, timestamp: number): boolean {
    const transportSequence = this.transportSequence.next;
    stampPacket(packet, this.stream, sequenceNumber, timestamp, transportSequence);
    if (!this.trySend(packet)) return false;
    this.transportSequence.advance();
    this.packetsTaken += 1;
    this.bytesTaken += packet.length;
    this.headerBytesTaken += rtpHeaderBytesOf(packet);
    this.pacer.handleSent(transportSequence, packet.length);
    return true;
  }

  /** Hands an RTCP packet to the transport and returns whether it was taken. */
  sendRtcp(packet: Buffer): boolean {
    return this.trySend(packet);
  }

  private trySend(packet: Buffer): boolean {
    try {
      return this.transport.send(packet);
    } catch {
      return false; // told to the caller, who counts it like a refusal
    }
  }
}
