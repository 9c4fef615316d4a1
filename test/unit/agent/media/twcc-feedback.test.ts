import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RecvDelta, RunLengthChunk, StatusVectorChunk } from 'werift-rtp';
import { parseRtcp } from '../../../../agent/media/rtcp-parser.ts';
import { parseTwccFeedback, type TwccFeedback } from '../../../../agent/media/twcc-feedback.ts';
import { twccPacket } from '../../../helpers/media-rtcp.ts';

const bytes = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex');

function feedbackIn(packet: Buffer): TwccFeedback {
  const parsed = parseRtcp(packet);
  if (!parsed.ok || parsed.items[0]?.kind !== 'twcc') throw new Error('no feedback');
  return parsed.items[0].feedback;
}

const run = fc.record({ symbol: fc.integer({ min: 0, max: 2 }), length: fc.integer({ min: 1, max: 100 }) });
const runChunk = run.map(({ symbol, length }) => ({
  symbols: new Array<number>(length).fill(symbol),
  chunk: new RunLengthChunk({ packetStatus: symbol, runLength: length }),
}));
const vectorChunk = (symbolSize: 0 | 1, length: number, symbolMax: number) =>
  fc
    .array(fc.integer({ min: 0, max: symbolMax }), { minLength: length, maxLength: length })
    .map((symbols) => ({ symbols, chunk: new StatusVectorChunk({ symbolSize, symbolList: symbols }) }));
const anyChunk = fc.oneof(runChunk, vectorChunk(0, 14, 1), vectorChunk(1, 7, 2));

describe('parseTwccFeedback', () => {
  it('reads any mixture of chunks as another implementation wrote it', () => {
    const chunks = fc.array(anyChunk, { minLength: 1, maxLength: 12 });
    const tickSource = fc.infiniteStream(fc.integer({ min: -32768, max: 32767 }));
    fc.assert(
      fc.property(chunks, tickSource, fc.nat(0xffff), fc.nat(0x7fffff), (list, ticks, base, referenceTime) => {
        const symbols = list.flatMap((entry) => entry.symbols);
        const recvDeltas: RecvDelta[] = [];
        let arrivalMs = referenceTime * 64;
        const expected = symbols.map((symbol) => {
          if (symbol === 0) return Number.NaN;
          const tick = symbol === 1 ? ticks.next().value & 0xff : ticks.next().value;
          recvDeltas.push(new RecvDelta({ type: symbol, delta: tick * 250 }));
          arrivalMs += tick * 0.25;
          return arrivalMs;
        });
        const packet = twccPacket({
          baseSequenceNumber: base,
          packetStatusCount: symbols.length,
          referenceTime,
          fbPktCount: 9,
          packetChunks: list.map((entry) => entry.chunk),
          recvDeltas,
        });
        const feedback = feedbackIn(packet);
        expect(feedback).toMatchObject({
          baseSequenceNumber: base,
          feedbackCount: 9,
          receivedCount: recvDeltas.length,
        });
        expect([...feedback.arrivalsMs]).toEqual(expected);
      }),
      { numRuns: 100 },
    );
  });

  it('ignores what the last chunk says beyond the packet count', () => {
    const feedback = parseTwccFeedback(bytes('0001 0003 000001 00 bfff 04 04 04'));
    expect([...(feedback?.arrivalsMs ?? [])]).toEqual([65, 66, 67]);
  });

  it('reads a reference time before the receiver clock began', () => {
    expect(parseTwccFeedback(bytes('0001 0001 ffffff 00 2001 08'))?.arrivalsMs[0]).toBe(-62);
  });

  it.each([
    ['no packets', '0001 0000 000001 00'],
    ['chunks that end too early', '0001 0010 000001 00 2001 04'],
    ['deltas that end too early', '0001 0002 000001 00 2002 04'],
    ['half a large delta', '0001 0001 000001 00 4001 04'],
    ['a reserved symbol', '0001 0001 000001 00 6001 04'],
    ['more packets than can be told apart', '0001 8001 000001 00 1fff 1fff 1fff 1fff 1fff'],
  ])('refuses %s', (_name, hex) => {
    expect(parseTwccFeedback(bytes(hex))).toBeNull();
  });

  it('refuses to report on more packets than any sender remembers, which would cost much and say nothing', () => {
    const reportOn = (packetStatusCount: number) => {
      const runs = Array.from({ length: Math.ceil(packetStatusCount / 8_191) });
      const packetChunks = runs.map(() => new RunLengthChunk({ packetStatus: 0, runLength: 8_191 }));
      return twccPacket({
        baseSequenceNumber: 1,
        packetStatusCount,
        referenceTime: 1,
        fbPktCount: 1,
        packetChunks,
        recvDeltas: [],
      });
    };
    expect(parseRtcp(reportOn(4_096)).ok).toBe(true);
    expect(parseRtcp(reportOn(4_097))).toEqual({ ok: false, code: 'bad-feedback' });
    expect(parseRtcp(Buffer.concat(Array.from({ length: 4 }, () => reportOn(9)))).ok).toBe(true);
    expect(parseRtcp(Buffer.concat(Array.from({ length: 5 }, () => reportOn(9)))).ok).toBe(false);
  });
});
