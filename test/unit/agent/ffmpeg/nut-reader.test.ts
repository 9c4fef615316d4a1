import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NutError } from '../../../../agent/ffmpeg/nut-error.ts';
import { type NutPacket, NutReader } from '../../../../agent/ffmpeg/nut-reader.ts';
import {
  frame,
  headerPacket,
  mainHeader,
  nutStream,
  signedVarint,
  streamHeader,
  syncpoint,
  varBytes,
  varint,
} from '../../../helpers/nut-bytes.ts';

const key = 1;
const ticksAbsolute = (ticks: number) => ticks + 128; // above 2^msb_pts_shift the timestamp is written in full
const headers = [mainHeader({ streamCount: 2 }), streamHeader(0, 0), streamHeader(1, 1)];
const simpleFrame = (data: string, codedPts: number, flags = 0, streamIndex = 0) =>
  frame({ flags, streamIndex, codedPts, size: data.length, data: Buffer.from(data) });

function readAll(chunks: Buffer[]): { packets: NutPacket[]; error: string | null } {
  const packets: NutPacket[] = [];
  const reader = new NutReader((packet) => packets.push({ ...packet, data: Buffer.from(packet.data) }));
  try {
    for (const chunk of chunks) reader.push(chunk);
  } catch (error) {
    if (!(error instanceof NutError)) throw error;
    return { packets, error: error.code };
  }
  return { packets, error: null };
}

const read = (...elements: Buffer[]) => readAll([nutStream(...elements)]);

describe('NutReader', () => {
  it('gives stream, time, key flag and data of a packet', () => {
    const { packets } = read(...headers, simpleFrame('picture', ticksAbsolute(9000), key));
    expect(packets).toEqual([{ streamIndex: 0, ptsTicks90k: 9000, isKeyframe: true, data: Buffer.from('picture') }]);
  });

  it('converts times of other time bases to 90 kHz', () => {
    const { packets } = read(...headers, simpleFrame('x', ticksAbsolute(45), 0, 1));
    expect(packets[0]?.ptsTicks90k).toBe(135_000);
  });

  it('completes shortened times from the frame before, forwards and backwards', () => {
    const { packets } = read(
      ...headers,
      simpleFrame('a', ticksAbsolute(1000)),
      simpleFrame('b', 1033 % 128),
      simpleFrame('c', 1010 % 128),
    );
    expect(packets.map((packet) => packet.ptsTicks90k)).toEqual([1000, 1033, 1010]);
  });

  it('takes the clock of a syncpoint for every stream', () => {
    const { packets } = read(...headers, syncpoint(60, 1), simpleFrame('a', 180_030 % 128), simpleFrame('b', 61, 0, 1));
    expect(packets.map((packet) => packet.ptsTicks90k)).toEqual([180_030, 61 * 3000]);
  });

  it('puts elided bytes back', () => {
    const elided = Buffer.from([0, 0, 1]);
    const { packets } = read(
      mainHeader({ streamCount: 1, elided }),
      streamHeader(0, 0),
      frame({ flags: 1024, streamIndex: 0, codedPts: 128, size: 5, more: varint(1), data: Buffer.from([9, 9]) }),
    );
    expect(packets[0]?.data).toEqual(Buffer.from([0, 0, 1, 9, 9]));
  });

  it('puts none back above 4096 bytes', () => {
    const data = Buffer.alloc(4097, 7);
    const { packets } = read(
      mainHeader({ streamCount: 1, elided: Buffer.from([0, 0, 1]) }),
      streamHeader(0, 0),
      frame({ flags: 1024, streamIndex: 0, codedPts: 128, size: 4097, more: varint(1), data }),
    );
    expect(packets[0]?.data.equals(data)).toBe(true);
  });

  it('skips checksum, match time and reserved fields of a frame header', () => {
    const more = Buffer.concat([signedVarint(-5), varint(2), varint(300), varint(1), Buffer.alloc(4, 0xff)]);
    const flags = 2048 | 128 | 64;
    const { packets } = read(
      ...headers,
      frame({ flags, streamIndex: 0, codedPts: 128, size: 2, more, data: Buffer.from('ok') }),
    );
    expect(packets[0]?.data.toString()).toBe('ok');
  });

  it('skips side data and metadata of every type', () => {
    const name = varBytes(Buffer.from('name'));
    const sideData = Buffer.concat([
      varint(3),
      ...[name, signedVarint(-1), varBytes(Buffer.from('text'))],
      ...[name, signedVarint(-2), varBytes(Buffer.from('type')), varBytes(Buffer.from('bytes'))],
      ...[name, signedVarint(7)],
    ]);
    const metadata = Buffer.concat([
      varint(3),
      ...[name, signedVarint(-3), signedVarint(-1000)],
      ...[name, signedVarint(-4), varint(90_000)],
      ...[name, signedVarint(-9), signedVarint(5)],
    ]);
    const data = Buffer.concat([sideData, metadata, Buffer.from('picture')]);
    const { packets } = read(...headers, frame({ flags: 256, streamIndex: 0, codedPts: 128, size: data.length, data }));
    expect(packets[0]?.data.toString()).toBe('picture');
  });

  it('passes over repeated headers, info packets and the end of a stream', () => {
    const { packets, error } = read(
      ...headers,
      simpleFrame('a', ticksAbsolute(1000)),
      ...headers,
      headerPacket('info', Buffer.alloc(5000, 1)),
      simpleFrame('', 0, 2),
      simpleFrame('b', ticksAbsolute(2000)),
    );
    expect(error).toBeNull();
    expect(packets.map((packet) => packet.data.toString())).toEqual(['a', 'b']);
  });

  it('gives the same packets and the same error however the input is cut', () => {
    const frames = Array.from({ length: 12 }, (_, index) =>
      simpleFrame('f'.repeat(index * 40), ticksAbsolute(index * 3000), index % 2),
    );
    const good = nutStream(...headers, syncpoint(0, 0), ...frames);
    const bad = Buffer.concat([good, Buffer.from('NUNSENSE'), good]);
    const cuts = fc.array(fc.integer({ min: 1, max: bad.length - 1 }), { maxLength: 60 });
    fc.assert(
      fc.property(cuts, fc.constantFrom(good, bad), (positions, bytes) => {
        const sorted = [0, ...positions.toSorted((a, b) => a - b), bytes.length];
        const chunks = sorted.slice(1).map((end, index) => bytes.subarray(sorted[index], end));
        expect(readAll(chunks)).toEqual(readAll([bytes]));
      }),
    );
    expect(readAll([good]).packets).toHaveLength(12);
    expect(readAll([bad]).error).toBe('bad-header');
  });

  it.each<[string, string, Buffer[]]>([
    ['bytes that are not NUT', 'not-nut', [Buffer.from('<!doctype html>')]],
    ['an unknown start code', 'bad-header', [nutStream(Buffer.from('NOTHING!'))]],
    ['an unknown version', 'unsupported-version', [nutStream(mainHeader({ streamCount: 1, version: 9 }))]],
    ['no streams', 'bad-header', [nutStream(mainHeader({ streamCount: 0 }))]],
    ['a header that is cut short', 'bad-header', [nutStream(headerPacket('main', Buffer.from([3, 1, 1])))]],
    ['a stream header before the main header', 'bad-header', [nutStream(streamHeader(0, 0))]],
    ['a stream of an unknown time base', 'bad-header', [nutStream(mainHeader({ streamCount: 1 }), streamHeader(0, 5))]],
    ['a frame before the headers', 'bad-frame', [nutStream(simpleFrame('x', 128))]],
    ['a frame of an unknown stream', 'bad-frame', [nutStream(...headers, simpleFrame('x', 128, 0, 7))]],
    ['an invalid frame code', 'bad-frame', [nutStream(...headers, Buffer.from([255]))]],
    ['an endless number', 'bad-frame', [nutStream(...headers, Buffer.from([0]), Buffer.alloc(12, 0xff))]],
    [
      'a frame above 4 MiB',
      'too-large',
      [
        nutStream(
          ...headers,
          frame({ flags: 0, streamIndex: 0, codedPts: 128, size: 2 ** 22 + 1, data: Buffer.alloc(0) }),
        ),
      ],
    ],
    ['a header above 4 MiB', 'too-large', [nutStream(Buffer.from('4e49ab68b596ba78', 'hex'), varint(2 ** 23))]],
  ])('refuses %s by name', (_what, code, chunks) => {
    expect(readAll(chunks).error).toBe(code);
  });

  it('stays refused after an error', () => {
    const reader = new NutReader(() => {});
    expect(() => reader.push(Buffer.from('junk'))).toThrow(NutError);
    expect(() => reader.push(nutStream(...headers))).toThrow(NutError);
  });

  it('never throws anything but its own error, whatever follows the headers', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (junk) => {
        readAll([nutStream(...headers), Buffer.from(junk)]);
        readAll([nutStream(), Buffer.from(junk)]);
        readAll([nutStream(headerPacket('main', Buffer.from(junk)))]);
      }),
      { numRuns: 500 },
    );
  });
});
