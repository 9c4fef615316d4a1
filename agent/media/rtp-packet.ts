import { Buffer } from 'node:buffer';
import type { NtpTime } from './ntp-time.ts';

/** The header extensions in our packets; the SDP must offer exactly these ids (`a=extmap`). */
export const rtpExtensions = {
  transportWideCc: { id: 3, uri: 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01' },
  playoutDelay: { id: 4, uri: 'http://www.webrtc.org/experiments/rtp-hdrext/playout-delay' },
  absCaptureTime: { id: 5, uri: 'http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time' },
  mid: { id: 6, uri: 'urn:ietf:params:rtp-hdrext:sdes:mid' },
} as const;

/** What stays the same in all packets that one viewer gets on one line; see `buildRtpStream`. */
export interface RtpStream {
  /** 32 bits. */
  readonly ssrc: number;
  /** 7 bits. */
  readonly payloadType: number;
  /** The `mid` extension element as a 32-bit word, or 0, which is padding. */
  readonly midWord: number;
}

/**
 * Whole RTP packets stay within this size: with SRTP tag, UDP and IPv6 headers and a TURN channel it still fits the
 * 1280 bytes that every IPv6 path carries unfragmented.
 */
export const rtpPacketMaxBytes = 1200;

/** A longer media id would not fit the place that packets keep for it. */
export const midMaxBytes = 3;

// Header layout: RFC 3550 5.1 fixed header (12), RFC 8285 extension header (4), elements in the one-byte form (RFC 8285
// 4.2): transport-wide cc (3), playout delay (4), mid (4); then the capture time (9) on the first packet of a unit, on
// others one byte of padding.
const sequenceOffset = 2;
const timestampOffset = 4;
const ssrcOffset = 8;
const extensionOffset = 12;
const elementsOffset = 16;
const transportWideCcOffset = 16;
const playoutDelayOffset = 19;
const midOffset = 23;
const captureTimeOffset = 27;
const firstHeaderBytes = 36;
const otherHeaderBytes = 28;

/** What a packet of the most headers holds; two bytes are left for the original sequence number of RFC 4588. */
export const rtpPayloadMaxBytes = rtpPacketMaxBytes - firstHeaderBytes - 2;

// In units of 10 ms. The minimum 0 lets the browser show a frame at once; a maximum of 0 froze Firefox.
const playoutDelayMin = 0;
const playoutDelayMax = 10;

/** @throws RangeError when `mid` is empty or longer than `midMaxBytes` */
export function buildRtpStream(line: { ssrc: number; payloadType: number; mid?: string }): RtpStream {
  return { ssrc: line.ssrc, payloadType: line.payloadType, midWord: line.mid === undefined ? 0 : midWordOf(line.mid) };
}

/** The size of the header that `writeHeaderTemplate` writes. */
export function rtpHeaderBytes(isFirst: boolean): number {
  return isFirst ? firstHeaderBytes : otherHeaderBytes;
}

/** The size of the header of a packet that `writeHeaderTemplate` has begun. */
export function rtpHeaderBytesOf(packet: Buffer): number {
  return elementsOffset + 4 * (packet[extensionOffset + 3] ?? 0);
}

/**
 * Writes the part of the header that is the same for all viewers at the start of `packet`: version, marker and the
 * header extensions. `stampPacket` fills in the rest, `stampCaptureTime` the time on a first packet.
 *
 * @param isFirst whether the packet is the first of its access unit
 */
export function writeHeaderTemplate(
  packet: Buffer,
  { isFirst, hasMarker, hasPlayoutDelay }: { isFirst: boolean; hasMarker: boolean; hasPlayoutDelay: boolean },
): void {
  const headerBytes = rtpHeaderBytes(isFirst);
  packet.fill(0, 0, headerBytes);
  packet[0] = 0x90; // version 2, no padding, extension, no CSRC
  packet[1] = hasMarker ? 0x80 : 0;
  packet.writeUInt16BE(0xbede, extensionOffset);
  packet.writeUInt16BE((headerBytes - elementsOffset) / 4, extensionOffset + 2);
  packet[transportWideCcOffset] = elementHeader(rtpExtensions.transportWideCc.id, 2);
  if (hasPlayoutDelay) {
    packet[playoutDelayOffset] = elementHeader(rtpExtensions.playoutDelay.id, 3);
    packet.writeUIntBE((playoutDelayMin << 12) | playoutDelayMax, playoutDelayOffset + 1, 3);
  }
  if (isFirst) packet[captureTimeOffset] = elementHeader(rtpExtensions.absCaptureTime.id, 8);
}

/** Says in the first packet of a unit when it was captured, on the clock of our sender reports. */
export function stampCaptureTime(firstPacket: Buffer, captured: NtpTime): void {
  writeUint32(firstPacket, captureTimeOffset + 1, captured.seconds);
  writeUint32(firstPacket, captureTimeOffset + 5, captured.fraction);
}

/**
 * Turns a shared packet into that of one viewer by overwriting the fields that differ. All viewers share the buffer,
 * so it must be sent (and copied by the transport) before the next stamp. Numbers are taken modulo their field's
 * size.
 *
 * @param timestamp RTP timestamp, 32 bits, in ticks of the stream's clock
 * @param transportSequence transport-wide sequence number, 16 bits
 */
export function stampPacket(
  packet: Buffer,
  stream: RtpStream,
  sequenceNumber: number,
  timestamp: number,
  transportSequence: number,
): void {
  packet[1] = ((packet[1] ?? 0) & 0x80) | stream.payloadType;
  writeUint16(packet, sequenceOffset, sequenceNumber);
  writeUint32(packet, timestampOffset, timestamp);
  writeUint32(packet, ssrcOffset, stream.ssrc);
  writeUint16(packet, transportWideCcOffset + 1, transportSequence);
  writeUint32(packet, midOffset, stream.midWord);
}

/** RFC 8285 4.2: the id and the length less one. */
function elementHeader(id: number, dataBytes: number): number {
  return (id << 4) | (dataBytes - 1);
}

/** Zeros after a short id are padding (RFC 8285 4.2). */
function midWordOf(mid: string): number {
  const bytes = Buffer.from(mid);
  if (bytes.length === 0 || bytes.length > midMaxBytes) throw new RangeError(`mid of ${bytes.length} bytes`);
  const word = Buffer.alloc(4);
  word[0] = elementHeader(rtpExtensions.mid.id, bytes.length);
  bytes.copy(word, 1);
  return word.readUInt32BE();
}

// Buffer's own writers check ranges and throw; on the per-viewer path plain stores, which wrap, are what is wanted.
function writeUint16(packet: Buffer, offset: number, value: number): void {
  packet[offset] = value >>> 8;
  packet[offset + 1] = value;
}

function writeUint32(packet: Buffer, offset: number, value: number): void {
  writeUint16(packet, offset, value >>> 16);
  writeUint16(packet, offset + 2, value);
}
