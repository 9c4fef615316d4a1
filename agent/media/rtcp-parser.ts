import type { Buffer } from 'node:buffer';
import { parseTwccFeedback, type TwccFeedback } from './twcc-feedback.ts';

/** What a receiver says about one of our streams (RFC 3550 6.4.1). */
export interface ReportBlock {
  ssrc: number;
  /** 0 to 255/256: lost since the report before. */
  lossFraction: number;
  /** Lost since the beginning; negative when duplicates outnumber losses. */
  packetsLost: number;
  /** Extended: the number of wraps in the upper 16 bits. */
  highestSequenceNumber: number;
  /** In ticks of the stream's RTP clock. */
  jitterTicks: number;
  /** Middle 32 bits of the NTP time of the last sender report that arrived, 0 before the first. */
  lastSenderReport: number;
  /** Time from its arrival to this report. */
  delaySinceLastSenderReportMs: number;
}

export type RtcpItem =
  | { kind: 'report'; senderSsrc: number; blocks: ReportBlock[] }
  | { kind: 'nack'; mediaSsrc: number; sequenceNumbers: number[] }
  | { kind: 'pli'; mediaSsrc: number }
  | { kind: 'fir'; mediaSsrc: number }
  | { kind: 'remb'; bitrateBps: number; ssrcs: number[] }
  | { kind: 'twcc'; feedback: TwccFeedback };

export type RtcpErrorCode = 'truncated' | 'wrong-version' | 'bad-padding' | 'bad-report' | 'bad-feedback';

export type RtcpParseResult = { ok: true; items: RtcpItem[] } | { ok: false; code: RtcpErrorCode };

type BodyParser = (body: Buffer, count: number) => RtcpItem[] | null;

const headerBytes = 4;
const reportBlockBytes = 24;
const senderInfoBytes = 20;
const ssrcPairBytes = 8;
const rembIdentifier = 0x52454d42; // "REMB"
/** Browsers send one; the bound keeps a packet full of small ones, each for many packets, from costing much. */
const feedbacksMax = 4;

const reportParsers: ReadonlyMap<number, BodyParser> = new Map([
  [200, (body, count) => parseReport(body, senderInfoBytes, count)],
  [201, (body, count) => parseReport(body, 0, count)],
]);

// RFC 4585 6.1: the field that counts blocks elsewhere is the feedback message type here.
const feedbackParsers: ReadonlyMap<string, (mediaSsrc: number, fci: Buffer) => RtcpItem[] | null> = new Map([
  ['205/1', parseNack],
  ['205/15', (_mediaSsrc, fci) => parseTwcc(fci)],
  ['206/1', (mediaSsrc) => [{ kind: 'pli', mediaSsrc }]],
  ['206/4', (_mediaSsrc, fci) => parseFir(fci)],
  ['206/15', (_mediaSsrc, fci) => parseRemb(fci)],
]);

/**
 * Parses an RTCP packet, compound or reduced-size (RFC 5506), from an untrusted peer. Types that nobody here needs
 * (SDES, BYE, XR, unknown ones) are skipped by their length. One malformed part refuses the whole packet. Never
 * throws.
 */
export function parseRtcp(packet: Buffer): RtcpParseResult {
  const items: RtcpItem[] = [];
  for (let at = 0; at < packet.length; ) {
    if (at + headerBytes > packet.length) return { ok: false, code: 'truncated' };
    const first = packet.readUInt8(at);
    if (first >> 6 !== 2) return { ok: false, code: 'wrong-version' };
    const end = at + (packet.readUInt16BE(at + 2) + 1) * 4;
    if (end > packet.length) return { ok: false, code: 'truncated' };
    const body = withoutPadding(packet.subarray(at + headerBytes, end), (first & 0x20) !== 0);
    if (body === null) return { ok: false, code: 'bad-padding' };
    const parsed = parseBody(packet.readUInt8(at + 1), first & 0x1f, body);
    if (!Array.isArray(parsed)) return { ok: false, code: parsed };
    items.push(...parsed);
    if (items.filter(({ kind }) => kind === 'twcc').length > feedbacksMax) return { ok: false, code: 'bad-feedback' };
    at = end;
  }
  return { ok: true, items };
}

/** RFC 3550 6.4.1: the last byte of the padding counts the padding, itself included. */
function withoutPadding(body: Buffer, isPadded: boolean): Buffer | null {
  if (!isPadded) return body;
  const paddingBytes = body.at(-1) ?? 0;
  if (paddingBytes === 0 || paddingBytes > body.length) return null;
  return body.subarray(0, body.length - paddingBytes);
}

function parseBody(packetType: number, count: number, body: Buffer): RtcpItem[] | RtcpErrorCode {
  const parseReportBody = reportParsers.get(packetType);
  if (parseReportBody !== undefined) return parseReportBody(body, count) ?? 'bad-report';
  const parseFci = feedbackParsers.get(`${packetType}/${count}`);
  if (parseFci === undefined) return [];
  if (body.length < ssrcPairBytes) return 'bad-feedback';
  return parseFci(body.readUInt32BE(4), body.subarray(ssrcPairBytes)) ?? 'bad-feedback';
}

function parseReport(body: Buffer, infoBytes: number, count: number): RtcpItem[] | null {
  const blocksAt = 4 + infoBytes;
  if (body.length < blocksAt + count * reportBlockBytes) return null;
  const blocks: ReportBlock[] = [];
  for (let i = 0; i < count; i += 1) blocks.push(readReportBlock(body, blocksAt + i * reportBlockBytes));
  return [{ kind: 'report', senderSsrc: body.readUInt32BE(0), blocks }];
}

function readReportBlock(body: Buffer, at: number): ReportBlock {
  return {
    ssrc: body.readUInt32BE(at),
    lossFraction: body.readUInt8(at + 4) / 256,
    packetsLost: body.readIntBE(at + 5, 3),
    highestSequenceNumber: body.readUInt32BE(at + 8),
    jitterTicks: body.readUInt32BE(at + 12),
    lastSenderReport: body.readUInt32BE(at + 16),
    delaySinceLastSenderReportMs: (body.readUInt32BE(at + 20) * 1000) / 65_536,
  };
}

/** RFC 4585 6.2.1: a sequence number and a mask of the 16 that follow it. */
function parseNack(mediaSsrc: number, fci: Buffer): RtcpItem[] | null {
  if (fci.length === 0 || fci.length % 4 !== 0) return null;
  const sequenceNumbers: number[] = [];
  for (let at = 0; at < fci.length; at += 4) {
    const first = fci.readUInt16BE(at);
    const mask = fci.readUInt16BE(at + 2);
    sequenceNumbers.push(first);
    for (let bit = 0; bit < 16; bit += 1) if ((mask >> bit) & 1) sequenceNumbers.push((first + bit + 1) & 0xffff);
  }
  return [{ kind: 'nack', mediaSsrc, sequenceNumbers }];
}

/** RFC 5104 4.3.1: the media SSRC of the header is unused; each entry names a sender. */
function parseFir(fci: Buffer): RtcpItem[] | null {
  if (fci.length === 0 || fci.length % 8 !== 0) return null;
  const items: RtcpItem[] = [];
  for (let at = 0; at < fci.length; at += 8) items.push({ kind: 'fir', mediaSsrc: fci.readUInt32BE(at) });
  return items;
}

/** draft-alvestrand-rmcat-remb-03, section 2.2. Other application layer feedback shares the type and is skipped. */
function parseRemb(fci: Buffer): RtcpItem[] | null {
  if (fci.length < 4 || fci.readUInt32BE(0) !== rembIdentifier) return [];
  if (fci.length < 8 || fci.length < 8 + fci.readUInt8(4) * 4) return null;
  const exponent = fci.readUInt8(5) >> 2;
  const mantissa = fci.readUIntBE(5, 3) & 0x3ffff;
  const ssrcs = Array.from({ length: fci.readUInt8(4) }, (_, i) => fci.readUInt32BE(8 + i * 4));
  return [{ kind: 'remb', bitrateBps: mantissa * 2 ** exponent, ssrcs }];
}

function parseTwcc(fci: Buffer): RtcpItem[] | null {
  const feedback = parseTwccFeedback(fci);
  return feedback === null ? null : [{ kind: 'twcc', feedback }];
}
