import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { buildBulkChunks, encodeBulkChunk } from '../../../../protocol/bulk.ts';
import { limits } from '../../../../protocol/limits.ts';
import { BulkReceiver } from '../../../../viewer/client/bulk-receiver.ts';

let receiver: BulkReceiver;
beforeEach(() => {
  vi.useFakeTimers();
  receiver = new BulkReceiver();
});
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const pattern = (lengthBytes: number) => Uint8Array.from({ length: lengthBytes }, (_, at) => at % 251);
const claim = (transferId: number, sizeBytes: number) =>
  receiver.receive({ transferId, sizeBytes, mediaType: 'image/jpeg' });
const chunk = (transferId: number, offsetBytes: number, data: Uint8Array) =>
  receiver.handleMessage(encodeBulkChunk({ transferId, offsetBytes, data }));

describe('BulkReceiver', () => {
  it.each([0, 1, limits.bulkChunkMaxBytes, 100_000])('puts %d bytes together', async (sizeBytes) => {
    const received = claim(1, sizeBytes);
    for (const message of buildBulkChunks(1, pattern(sizeBytes))) receiver.handleMessage(message.buffer);
    expect(await received).toEqual(pattern(sizeBytes));
  });

  it('keeps what arrives before the answer that announces it', async () => {
    const messages = [...buildBulkChunks(5, pattern(40_000))];
    for (const message of messages.slice(0, 2)) receiver.handleMessage(message);
    const received = claim(5, 40_000);
    for (const message of messages.slice(2)) receiver.handleMessage(message);
    expect(await received).toEqual(pattern(40_000));
    for (const message of buildBulkChunks(6, pattern(100))) receiver.handleMessage(message);
    expect(await claim(6, 100)).toEqual(pattern(100));
  });

  it('keeps transfers apart', async () => {
    const both = Promise.all([claim(1, 2), claim(2, 2)]);
    chunk(2, 0, Uint8Array.of(3));
    chunk(1, 0, Uint8Array.of(1));
    chunk(2, 1, Uint8Array.of(4));
    chunk(1, 1, Uint8Array.of(2));
    expect(await both).toEqual([Uint8Array.of(1, 2), Uint8Array.of(3, 4)]);
  });

  it('does not keep the message that a chunk came in', async () => {
    const message = encodeBulkChunk({ transferId: 1, offsetBytes: 0, data: Uint8Array.of(1, 2) });
    receiver.handleMessage(message);
    message.fill(0);
    expect(await claim(1, 2)).toEqual(Uint8Array.of(1, 2));
  });

  it('waits 30 s for the next chunk, however long the whole takes', async () => {
    const received = claim(1, 4);
    for (let at = 0; at < 3; at += 1) {
      await vi.advanceTimersByTimeAsync(29_000);
      chunk(1, at, Uint8Array.of(at));
    }
    const failed = expect(received).rejects.toMatchObject({ code: 'timeout' });
    await vi.advanceTimersByTimeAsync(30_000);
    await failed;
  });

  it('refuses what is larger than it can hold, before anything arrives', async () => {
    await expect(claim(1, limits.bulkTransferMaxBytes + 1)).rejects.toMatchObject({ code: 'too-large' });
  });

  it.each([
    ['a gap', () => chunk(1, 5, Uint8Array.of(1))],
    ['a repetition', () => chunk(1, 0, Uint8Array.of(1))],
    ['more than was announced', () => chunk(1, 2, pattern(9))],
  ])('ends a transfer at %s', async (_, send) => {
    const received = claim(1, 10);
    chunk(1, 0, Uint8Array.of(1, 2));
    send();
    await expect(received).rejects.toMatchObject({ code: 'internal-error' });
    chunk(1, 2, Uint8Array.of(3));
  });

  it('ends a transfer that turns out longer than announced', async () => {
    chunk(1, 0, pattern(9));
    await expect(claim(1, 5)).rejects.toMatchObject({ code: 'internal-error' });
  });

  it('takes a transfer that is announced twice once', async () => {
    const first = claim(1, 2);
    await expect(claim(1, 2)).rejects.toMatchObject({ code: 'internal-error' });
    chunk(1, 0, Uint8Array.of(1, 2));
    expect(await first).toEqual(Uint8Array.of(1, 2));
  });

  it('holds few transfers that nobody announced, and forgets the oldest', async () => {
    for (let id = 1; id <= 100; id += 1) chunk(id, 0, Uint8Array.of(id));
    expect(await claim(100, 1)).toEqual(Uint8Array.of(100));
    const forgotten = claim(1, 1);
    receiver.close();
    await expect(forgotten).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('bounds a transfer that nobody announced', async () => {
    const part = new Uint8Array(limits.bulkChunkMaxBytes);
    for (let at = 0; at + part.length <= limits.bulkTransferMaxBytes; at += part.length) chunk(1, at, part);
    const heldBytes = limits.bulkTransferMaxBytes - (limits.bulkTransferMaxBytes % part.length);
    chunk(1, heldBytes, part);
    const forgotten = claim(1, heldBytes);
    receiver.close();
    await expect(forgotten).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('is not disturbed by what is no chunk', async () => {
    const received = claim(1, 1);
    receiver.handleMessage('text');
    receiver.handleMessage(new ArrayBuffer(3));
    receiver.handleMessage(new Uint8Array(limits.bulkChunkMaxBytes + 9));
    chunk(1, 0, Uint8Array.of(7));
    expect(await received).toEqual(Uint8Array.of(7));
  });
});
