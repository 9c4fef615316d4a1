import type { Buffer } from 'node:buffer';

/** The header extensions that every video packet carries; the SDP must offer exactly these ids (`a=extmap`). */
export const rtpExtensions = {
  transportWideCc: { id: 3, uri: 'http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01' },
  playoutDelay: { id: 4, uri: 'http://www.webrtc.org/experiments/rtp-hdrext/playout-delay' },
} as const;

/** What stays the same in all packets that one viewer gets on one video line. */
export interface RtpStream {
  /** 32 bits. */
  readonly ssrc: number;
  /** 7 bits. */
  readonly payloadType: number;
}

/**
 * Whole RTP packets stay within this size: with SRTP tag, UDP and IPv6 headers and a TURN channel it still fits the
 * 1280 bytes that every IPv6 path carries unfragmented.
 */
export const rtpPacketMaxBytes = 1200;

/** RFC 3550 5.1 fixed header (12), RFC 8285 extension header (4), extension elements with padding (8). */
export const rtpHeaderBytes = 24;

const sequenceOffset = 2;
const timestampOffset = 4;
const ssrcOffset = 8;
const extensionOffset = 12;
const transportWideCcOffset = 16;
const playoutDelayOffset = 19;

// In units of 10 ms. The minimum 0 lets the browser show a frame at once; a maximum of 0 froze Firefox.
const playoutDelayMin = 0;
const playoutDelayMax = 10;

/**
 * Writes the part of the header that is the same for all viewers at the start of `packet`: version, marker and the
 * header extensions (RFC 8285 4.2 one-byte form). `stampPacket` fills in the rest.
 */
export function writeHeaderTemplate(packet: Buffer, isLastOfPicture: boolean): void {
  packet.fill(0, 0, rtpHeaderBytes);
  packet[0] = 0x90; // version 2, no padding, extension, no CSRC
  packet[1] = isLastOfPicture ? 0x80 : 0;
  packet.writeUInt16BE(0xbede, extensionOffset);
  packet.writeUInt16BE((rtpHeaderBytes - extensionOffset - 4) / 4, extensionOffset + 2);
  packet[transportWideCcOffset] = (rtpExtensions.transportWideCc.id << 4) | (2 - 1);
  packet[playoutDelayOffset] = (rtpExtensions.playoutDelay.id << 4) | (3 - 1);
  packet.writeUIntBE((playoutDelayMin << 12) | playoutDelayMax, playoutDelayOffset + 1, 3);
}

/**
 * Turns a shared packet into that of one viewer by overwriting the fields that differ. All viewers share the buffer,
 * so it must be sent (and copied by the transport) before the next stamp. Numbers are taken modulo their field's
 * size.
 *
 * @param timestamp RTP timestamp, 32 bits, in ticks of 1/90000 s
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
