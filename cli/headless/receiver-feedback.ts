/** RTCP that a receiver sends about one stream: just what keeps a sender informed and a picture whole. */

const receiverReport = 201;
const transportFeedback = 205;
const payloadFeedback = 206;

/** What a receiver report says (RFC 3550 6.4.1). */
export interface ReceptionReport {
  receiverSsrc: number;
  senderSsrc: number;
  /** Of the packets since the last report, 0 to 1. */
  lossFraction: number;
  /** Cumulative, 24 bits. */
  lostCount: number;
  /** Highest sequence number with the count of its wraps above. */
  extendedSequence: number;
  /** Middle 32 bits of the NTP time of the last sender report, or 0. */
  lastReport: number;
  /** Time since that report. */
  sinceLastReportMs: number;
}

export function encodeReceiverReport(report: ReceptionReport): Buffer {
  const packet = Buffer.alloc(32);
  writeHeader(packet, 1, receiverReport, report.receiverSsrc);
  packet.writeUInt32BE(report.senderSsrc, 8);
  packet.writeUInt8(Math.min(255, Math.floor(report.lossFraction * 256)), 12);
  packet.writeUIntBE(report.lostCount & 0xffffff, 13, 3);
  packet.writeUInt32BE(report.extendedSequence >>> 0, 16);
  packet.writeUInt32BE(report.lastReport >>> 0, 24);
  packet.writeUInt32BE(report.lastReport === 0 ? 0 : Math.round((report.sinceLastReportMs * 65_536) / 1000), 28);
  return packet;
}

/** Generic NACK (RFC 4585 6.2.1) for at most 17 packets from `firstMissing` on. */
export function encodeNack(receiverSsrc: number, senderSsrc: number, firstMissing: number, count: number): Buffer {
  const packet = Buffer.alloc(16);
  writeHeader(packet, 1, transportFeedback, receiverSsrc);
  packet.writeUInt32BE(senderSsrc, 8);
  packet.writeUInt16BE(firstMissing & 0xffff, 12);
  packet.writeUInt16BE((1 << Math.min(16, count - 1)) - 1, 14);
  return packet;
}

/** Picture loss indication (RFC 4585 6.3.1). */
export function encodePictureLoss(receiverSsrc: number, senderSsrc: number): Buffer {
  const packet = Buffer.alloc(12);
  writeHeader(packet, 1, payloadFeedback, receiverSsrc);
  packet.writeUInt32BE(senderSsrc, 8);
  return packet;
}

function writeHeader(packet: Buffer, countOrFormat: number, type: number, ssrc: number): void {
  packet[0] = 0x80 | countOrFormat;
  packet[1] = type;
  packet.writeUInt16BE(packet.length / 4 - 1, 2);
  packet.writeUInt32BE(ssrc, 4);
}
