import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ReceiverEstimatedMaxBitrate,
  RtcpPayloadSpecificFeedback,
  RtcpReceiverInfo,
  RtcpSenderInfo,
  RtcpSourceDescriptionPacket,
  RtcpSrPacket,
  SourceDescriptionChunk,
  SourceDescriptionItem,
} from 'werift-rtp';
import { parseRtcp } from '../../../../agent/media/rtcp-parser.ts';
import { firPacket, nackPacket, pliPacket, receiverReport } from '../../../helpers/media-rtcp.ts';

const bytes = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex');

function itemsOf(packet: Buffer) {
  const parsed = parseRtcp(packet);
  if (!parsed.ok) throw new Error(parsed.code);
  return parsed.items;
}

describe('parseRtcp', () => {
  it('reads the blocks of a receiver report', () => {
    const report = {
      ssrc: 7,
      fractionLost: 64,
      packetsLost: 12,
      highestSequence: 0x1fffe,
      jitter: 900,
      lsr: 5,
      dlsr: 0x8000,
    };
    expect(itemsOf(receiverReport(report))).toEqual([
      {
        kind: 'report',
        senderSsrc: 0x1234,
        blocks: [
          {
            ssrc: 7,
            lossFraction: 0.25,
            packetsLost: 12,
            highestSequenceNumber: 0x1fffe,
            jitterTicks: 900,
            lastSenderReport: 5,
            delaySinceLastSenderReportMs: 500,
          },
        ],
      },
    ]);
  });

  it('reads a negative number of lost packets', () => {
    const report = receiverReport({ ssrc: 7, packetsLost: 0xfffffd });
    expect(itemsOf(report)).toMatchObject([{ blocks: [{ packetsLost: -3 }] }]);
  });

  it('reads the blocks of a sender report and skips its source description', () => {
    const block = { ssrc: 9, fractionLost: 0, packetsLost: 0, highestSequence: 1, jitter: 0, lsr: 0, dlsr: 0 };
    const senderInfo = new RtcpSenderInfo({ ntpTimestamp: 1n, rtpTimestamp: 2, packetCount: 3, octetCount: 4 });
    const report = new RtcpSrPacket({ ssrc: 8, senderInfo, reports: [new RtcpReceiverInfo(block)] });
    const item = new SourceDescriptionItem({ type: 1, text: 'somebody' });
    const chunks = [new SourceDescriptionChunk({ source: 8, items: [item] })];
    const description = new RtcpSourceDescriptionPacket({ chunks });
    const items = itemsOf(Buffer.concat([report.serialize(), description.serialize(), pliPacket(9)]));
    expect(items).toMatchObject([
      { kind: 'report', senderSsrc: 8, blocks: [{ ssrc: 9 }] },
      { kind: 'pli', mediaSsrc: 9 },
    ]);
  });

  it('reads any set of lost packets from a NACK', () => {
    const lostSets = fc.uniqueArray(fc.integer({ min: 0, max: 0xffff }), { minLength: 1, maxLength: 40, size: 'max' });
    fc.assert(
      fc.property(lostSets, (lost) => {
        const sorted = lost.toSorted((a, b) => a - b);
        const expected = [{ kind: 'nack', mediaSsrc: 77, sequenceNumbers: sorted }];
        expect(itemsOf(nackPacket(77, sorted))).toEqual(expected);
      }),
    );
  });

  it('reads a NACK across the wrap of the sequence number', () => {
    const packet = bytes('81cd0003 00000001 0000004d fffe0007');
    expect(itemsOf(packet)).toMatchObject([{ sequenceNumbers: [0xfffe, 0xffff, 0, 1] }]);
  });

  it('reads PLI and FIR', () => {
    expect(itemsOf(pliPacket(5))).toEqual([{ kind: 'pli', mediaSsrc: 5 }]);
    expect(itemsOf(firPacket(6))).toEqual([{ kind: 'fir', mediaSsrc: 6 }]);
  });

  it('reads REMB', () => {
    const remb = { senderSsrc: 1, mediaSsrc: 0, ssrcNum: 2, brExp: 4, brMantissa: 125_000, ssrcFeedbacks: [11, 12] };
    const feedback = new ReceiverEstimatedMaxBitrate(remb);
    const packet = Buffer.from(new RtcpPayloadSpecificFeedback({ feedback }).serialize());
    packet.writeUInt16BE(packet.length / 4 - 1, 2); // werift leaves the header out of its count
    expect(itemsOf(packet)).toEqual([{ kind: 'remb', bitrateBps: 2_000_000, ssrcs: [11, 12] }]);
  });

  it('skips types it does not know', () => {
    const bye = bytes('81cb0001 00000001');
    const extendedReport = bytes('80cf0002 00000001 00000000');
    const otherFeedback = bytes('89cd0003 00000001 00000002 00000000');
    expect(itemsOf(Buffer.concat([bye, extendedReport, otherFeedback, pliPacket(5)]))).toHaveLength(1);
  });

  it('leaves out padding', () => {
    expect(itemsOf(bytes('a1cd0004 00000001 0000004d 00050000 00000004'))).toMatchObject([{ sequenceNumbers: [5] }]);
  });

  it.each([
    ['truncated', '81cd00'],
    ['truncated', '81cd0003 00000001 0000004d'],
    ['wrong-version', '41cd0003 00000001 0000004d 00050000'],
    ['bad-padding', 'a1cd0003 00000001 0000004d 00050000'],
    ['bad-padding', 'a1cd0003 00000001 0000004d 000500ff'],
    ['bad-padding', 'a1cd0000'],
    ['bad-report', '81c90001 00000001'],
    ['bad-report', '80c80002 00000001 00000002'],
    ['bad-report', '80c90000'],
    ['bad-feedback', '81cd0001 00000001'],
    ['bad-feedback', '81cd0002 00000001 0000004d'],
    ['bad-feedback', '84ce0003 00000001 00000000 00000006'],
    ['bad-feedback', '8fce0004 00000001 00000000 52454d42 03000000'],
    ['bad-feedback', '8fcd0003 00000001 00000001 00010001'],
  ])('refuses with %s: %s', (code, hex) => {
    expect(parseRtcp(bytes(hex))).toEqual({ ok: false, code });
  });

  it('never throws, whatever the bytes', () => {
    const header = fc
      .tuple(
        fc.constantFrom(200, 201, 202, 203, 205, 206),
        fc.nat(31),
        fc.boolean(),
        fc.uint8Array({ maxLength: 60, size: 'max' }),
      )
      .map(([type, count, isPadded, body]) => {
        const words = Math.ceil(body.length / 4);
        const first = 0x80 | (isPadded ? 0x20 : 0) | count;
        return Buffer.concat([Buffer.from([first, type, 0, words]), body, Buffer.alloc(words * 4 - body.length)]);
      });
    const noise = fc.uint8Array({ maxLength: 100, size: 'max' }).map((body) => Buffer.from(body));
    const compounds = fc.array(fc.oneof(header, noise), { maxLength: 4 }).map((parts) => Buffer.concat(parts));
    fc.assert(
      fc.property(compounds, (packet) => {
        const parsed = parseRtcp(packet);
        expect(parsed.ok ? parsed.items.length : parsed.code.length).toBeGreaterThanOrEqual(0);
      }),
      { numRuns: 2000 },
    );
  });
});
