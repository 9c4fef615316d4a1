import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { OggOpusWriter } from '../../../../agent/audio/ogg-opus-writer.ts';

/** Takes a page apart (RFC 3533 6). */
function readPage(page: Buffer) {
  const segmentCount = page.readUInt8(26);
  const laces = [...page.subarray(27, 27 + segmentCount)];
  const body = page.subarray(27 + segmentCount);
  expect(page.toString('latin1', 0, 4)).toBe('OggS');
  expect(laces.reduce((sum, lace) => sum + lace, 0)).toBe(body.length);
  return {
    flags: page.readUInt8(5),
    position: Number(page.readBigInt64LE(6)),
    number: page.readUInt32LE(18),
    checksum: page.readUInt32LE(22),
    laces,
    body,
  };
}

describe('OggOpusWriter', () => {
  it('begins with the header and the comments, each on a page', () => {
    const headers = new OggOpusWriter().buildHeaders();
    const secondAt = headers.indexOf('OggS', 4);
    const first = readPage(headers.subarray(0, secondAt));
    expect(first).toMatchObject({ flags: 2, position: 0, number: 0 });
    expect(first.body.toString('latin1')).toBe('OpusHead\x01\x01\0\0\x80\xbb\0\0\0\0\0');
    const second = readPage(headers.subarray(secondAt));
    expect(second).toMatchObject({ flags: 0, position: 0, number: 1 });
    expect(second.body.toString('latin1', 0, 8)).toBe('OpusTags');
  });

  it('gives each packet a page that ends where it does', () => {
    const writer = new OggOpusWriter();
    writer.buildHeaders();
    expect(readPage(writer.buildPacket(Buffer.alloc(100), 20))).toMatchObject({
      position: 960,
      number: 2,
      laces: [100],
    });
    expect(readPage(writer.buildPacket(Buffer.alloc(1), 2.5))).toMatchObject({ position: 1080, number: 3, laces: [1] });
    expect(writer.durationMs).toBe(22.5);
  });

  it('ends a packet of whole segments with an empty one', () => {
    const lacesOf = (length: number) => readPage(new OggOpusWriter().buildPacket(Buffer.alloc(length), 20)).laces;
    expect(lacesOf(254)).toEqual([254]);
    expect(lacesOf(255)).toEqual([255, 0]);
    expect(lacesOf(600)).toEqual([255, 255, 90]);
  });

  it('checks a page with the polynomial of Ogg', () => {
    const page = new OggOpusWriter().buildHeaders().subarray(0, 47);
    const { checksum } = readPage(page);
    page.writeUInt32LE(0, 22);
    let crc = 0n;
    for (const byte of page) {
      crc ^= BigInt(byte) << 24n;
      for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x8000_0000n ? (crc << 1n) ^ 0x104c1_1db7n : crc << 1n;
    }
    expect(checksum).toBe(Number(crc));
  });
});
