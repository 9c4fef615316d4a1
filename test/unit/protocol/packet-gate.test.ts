import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PacketGate, type PacketVerdict } from '../../../protocol/packet-gate.ts';

const connectType = 0x10;
const publishType = 0x30;

/** One MQTT packet with a body of the given size. */
function encodePacket(firstByte: number, bodyBytes: number): Uint8Array {
  const length: number[] = [];
  let rest = bodyBytes;
  do {
    length.push((rest & 0x7f) | (rest >= 0x80 ? 0x80 : 0));
    rest >>= 7;
  } while (rest > 0);
  return Uint8Array.from([firstByte, ...length, ...Array.from({ length: bodyBytes }, (_, index) => index & 0xff)]);
}

function buildGate(verdicts: PacketVerdict[] = [], packetMaxBytes = 64 * 1024) {
  return new PacketGate({ packetMaxBytes, admit: () => verdicts.shift() ?? 'pass' });
}

function pushInPieces(gate: PacketGate, bytes: Uint8Array, pieceBytes: number) {
  const passed: number[] = [];
  let droppedCount = 0;
  for (let at = 0; at < bytes.length; at += pieceBytes) {
    const outcome = gate.push(bytes.subarray(at, at + pieceBytes));
    passed.push(...outcome.passed.flatMap((part) => [...part]));
    droppedCount += outcome.droppedCount;
    if (outcome.refusal !== null) return { passed, droppedCount, refusal: outcome.refusal, readBytes: at + pieceBytes };
  }
  return { passed, droppedCount, refusal: null, readBytes: bytes.length };
}

describe('the packet gate', () => {
  test('leaves out just the dropped messages, however the bytes are cut', () => {
    const packet = fc.record({
      firstByte: fc.constantFrom(connectType, publishType, 0x32, 0x82, 0xc0),
      bodyBytes: fc.oneof(fc.integer({ min: 0, max: 3 }), fc.integer({ min: 120, max: 300 })),
      verdict: fc.constantFrom<PacketVerdict>('pass', 'drop'),
    });
    fc.assert(
      fc.property(fc.array(packet, { maxLength: 8 }), fc.integer({ min: 1, max: 400 }), (packets, pieceBytes) => {
        const encoded = packets.map(({ firstByte, bodyBytes }) => encodePacket(firstByte, bodyBytes));
        const isDropped = packets.map(({ firstByte, verdict }) => verdict === 'drop' && firstByte >> 4 === 3);
        const gate = buildGate(packets.map(({ verdict }) => verdict));
        const bytes = Uint8Array.from(encoded.flatMap((part) => [...part]));

        const outcome = pushInPieces(gate, bytes, pieceBytes);

        expect(outcome.refusal).toBeNull();
        expect(outcome.passed).toEqual(encoded.filter((_, index) => !isDropped[index]).flatMap((part) => [...part]));
        expect(outcome.droppedCount).toBe(isDropped.filter(Boolean).length);
      }),
    );
  });

  test.each([1, 2, 3, 7, 100_000])(
    'refuses what is announced over the size before a byte of it, in pieces of %i',
    (pieceBytes) => {
      const gate = buildGate();
      const legal = encodePacket(publishType, 64 * 1024);
      const oversize = encodePacket(publishType, 64 * 1024 + 1);
      const headerBytes = 4;

      const first = pushInPieces(gate, legal, 4096);
      const second = pushInPieces(gate, oversize, pieceBytes);

      expect(first).toMatchObject({ refusal: null, passed: { length: legal.length } });
      expect(second).toMatchObject({ refusal: 'oversize', passed: [] });
      expect(second.readBytes).toBeLessThan(headerBytes + pieceBytes);
    },
  );

  test('refuses the largest length that MQTT can announce, and one that never ends', () => {
    expect(buildGate().push(Uint8Array.of(publishType, 0xff, 0xff, 0xff, 0x7f)).refusal).toBe('oversize');
    expect(buildGate().push(Uint8Array.of(publishType, 0xff, 0xff, 0xff, 0xff)).refusal).toBe('malformed');
  });

  test('ends a flood at the packet that is too many', () => {
    const gate = buildGate(['pass', 'flood']);
    const packet = encodePacket(publishType, 2);
    const outcome = gate.push(Uint8Array.from([...packet, ...packet, ...packet]));
    expect(outcome.refusal).toBe('flood');
    expect(outcome.passed.flatMap((part) => [...part])).toEqual([...packet]);
  });

  test('never drops a packet that is owed an answer', () => {
    const subscribe = encodePacket(0x82, 20);
    const outcome = buildGate(['drop']).push(subscribe);
    expect(outcome.passed.flatMap((part) => [...part])).toEqual([...subscribe]);
    expect(outcome.droppedCount).toBe(0);
  });
});
