import { Buffer } from 'node:buffer';
import type { NtpTime } from './ntp-time.ts';

export interface SenderReport {
  ssrc: number;
  ntpTime: NtpTime;
  /** The RTP timestamp that belongs to the same instant, 32 bits. */
  rtpTimestamp: number;
  packetsSent: number;
  /** Without RTP headers. */
  payloadBytesSent: number;
  /** At most 255 bytes of UTF-8; the same for all lines of a peer that are to be kept in sync. */
  cname: string;
}

const senderReportBytes = 28;
const senderReportType = 200;
const sdesType = 202;
const cnameItem = 1;
const cnameMaxBytes = 255;

/**
 * A compound packet of a sender report without report blocks and the SDES CNAME that must go with it (RFC 3550 6.1,
 * 6.4.1, 6.5).
 */
export function buildSenderReport(report: SenderReport): Buffer {
  const cname = Buffer.from(report.cname).subarray(0, cnameMaxBytes);
  // The item list ends with at least one zero byte and is filled up to the next word (6.5).
  const chunkBytes = Math.ceil((4 + 2 + cname.length + 1) / 4) * 4;
  const packet = Buffer.alloc(senderReportBytes + 4 + chunkBytes);
  writeHeader(packet, 0, { count: 0, type: senderReportType, bytes: senderReportBytes });
  packet.writeUInt32BE(report.ssrc, 4);
  packet.writeUInt32BE(report.ntpTime.seconds, 8);
  packet.writeUInt32BE(report.ntpTime.fraction, 12);
  packet.writeUInt32BE(report.rtpTimestamp, 16);
  packet.writeUInt32BE(report.packetsSent >>> 0, 20);
  packet.writeUInt32BE(report.payloadBytesSent >>> 0, 24);
  const sdesAt = senderReportBytes;
  writeHeader(packet, sdesAt, { count: 1, type: sdesType, bytes: 4 + chunkBytes });
  packet.writeUInt32BE(report.ssrc, sdesAt + 4);
  packet[sdesAt + 8] = cnameItem;
  packet[sdesAt + 9] = cname.length;
  cname.copy(packet, sdesAt + 10);
  return packet;
}

function writeHeader(packet: Buffer, at: number, header: { count: number; type: number; bytes: number }): void {
  packet[at] = 0x80 | header.count;
  packet[at + 1] = header.type;
  packet.writeUInt16BE(header.bytes / 4 - 1, at + 2);
}
