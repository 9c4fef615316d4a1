import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { buildBulkChunks, encodeBulkChunk, parseBulkChunk } from '../../../protocol/bulk.ts';
import { limits } from '../../../protocol/limits.ts';

const maxBytes = limits.bulkChunkMaxBytes;

describe('bulk transfers', () => {
  it.each([0, 1, maxBytes - 1, maxBytes, maxBytes + 1, 3 * maxBytes, 3 * maxBytes + 7])(
    'of %i bytes arrive whole, in messages of at most 16 KiB',
    (sizeBytes) => {
      const data = Uint8Array.from({ length: sizeBytes }, (_, index) => index % 251);
      const received = new Uint8Array(sizeBytes);
      let receivedBytes = 0;
      let count = 0;
      for (const message of buildBulkChunks(7, data)) {
        expect(message.length).toBeLessThanOrEqual(16 * 1024);
        const chunk = parseBulkChunk(message);
        if (!chunk.ok) throw new Error(chunk.error);
        expect(chunk.value).toMatchObject({ transferId: 7, offsetBytes: receivedBytes });
        received.set(chunk.value.data, chunk.value.offsetBytes);
        receivedBytes += chunk.value.data.length;
        count += 1;
      }
      expect(receivedBytes).toBe(sizeBytes);
      expect(Buffer.compare(received, data)).toBe(0);
      expect(count).toBe(Math.max(1, Math.ceil(sizeBytes / maxBytes)));
    },
  );

  it('have the id and the offset in front, in network byte order', () => {
    const message = encodeBulkChunk({ transferId: 0x01020304, offsetBytes: 0xfffefdfc, data: Uint8Array.of(9) });
    expect([...message]).toEqual([1, 2, 3, 4, 0xff, 0xfe, 0xfd, 0xfc, 9]);
  });

  it('are read from the middle of a larger buffer', () => {
    const buffer = Uint8Array.of(99, 0, 0, 0, 1, 0, 0, 0, 2, 42, 99);
    const chunk = parseBulkChunk(buffer.subarray(1, 10));
    expect(chunk).toEqual({ ok: true, value: { transferId: 1, offsetBytes: 2, data: Uint8Array.of(42) } });
  });

  it('are refused when a message is too short or too long', () => {
    for (let length = 0; length < 8; length += 1) {
      expect(parseBulkChunk(new Uint8Array(length))).toEqual({ ok: false, error: 'truncated' });
    }
    expect(parseBulkChunk(new Uint8Array(8 + maxBytes)).ok).toBe(true);
    expect(parseBulkChunk(new Uint8Array(9 + maxBytes))).toEqual({ ok: false, error: 'too-large' });
  });

  it('never throw on any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        const chunk = parseBulkChunk(bytes);
        if (chunk.ok) expect(encodeBulkChunk(chunk.value)).toEqual(bytes);
      }),
    );
  });
});
