import type { Buffer } from 'node:buffer';
import { failure, type Result, success } from '../../protocol/result.ts';

export interface RtpPacket {
  /** 7 bits. */
  payloadType: number;
  /** 16 bits. */
  sequenceNumber: number;
  /** 32 bits, in ticks of the clock of the payload. */
  timestamp: number;
  /** 32 bits. */
  ssrc: number;
  /** Shares memory with the packet; may be empty. */
  payload: Buffer;
}

export type RtpErrorCode = 'truncated' | 'wrong-version' | 'rtcp' | 'bad-padding';

const headerBytes = 12;
const extensionHeaderBytes = 4;

/** Parses an RTP packet (RFC 3550 5.1) from an untrusted peer. Header extensions are skipped. Never throws. */
export function parseRtp(packet: Buffer): Result<RtpPacket, RtpErrorCode> {
  if (packet.length < headerBytes) return failure('truncated');
  const flags = packet.readUInt8(0);
  const type = packet.readUInt8(1);
  if (flags >> 6 !== 2) return failure('wrong-version');
  if (type >= 192 && type <= 223) return failure('rtcp'); // RFC 5761 4
  let start = headerBytes + 4 * (flags & 0x0f);
  if ((flags & 0x10) !== 0) {
    if (packet.length < start + extensionHeaderBytes) return failure('truncated');
    start += extensionHeaderBytes + 4 * packet.readUInt16BE(start + 2);
  }
  if (packet.length < start) return failure('truncated');
  const paddingBytes = (flags & 0x20) === 0 ? 0 : packet.readUInt8(packet.length - 1);
  const end = packet.length - paddingBytes;
  if (end < start || ((flags & 0x20) !== 0 && paddingBytes === 0)) return failure('bad-padding');
  return success({
    payloadType: type & 0x7f,
    sequenceNumber: packet.readUInt16BE(2),
    timestamp: packet.readUInt32BE(4),
    ssrc: packet.readUInt32BE(8),
    payload: packet.subarray(start, end),
  });
}
