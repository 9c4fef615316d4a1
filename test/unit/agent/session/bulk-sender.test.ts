import { describe, expect, it } from 'vitest';
import { BulkSender } from '../../../../agent/session/bulk-sender.ts';
import { parseBulkChunk } from '../../../../protocol/bulk.ts';
import { limits } from '../../../../protocol/limits.ts';
import { FakePeerChannel } from '../../../fakes/fake-peer.ts';

const highWaterBytes = 256 * 1024;

/** A channel on which everything waits until the test drains it. */
class SlowChannel extends FakePeerChannel {
  override send(data: Uint8Array): boolean {
    super.send(data);
    this.bufferedBytes += data.length;
    return false;
  }

  /** The data of all messages, each of which must follow on the one before. */
  get received(): Buffer {
    let receivedBytes = 0;
    const parts = this.sent.map((message) => {
      const chunk = parseBulkChunk(message as Uint8Array);
      if (!chunk.ok || chunk.value.offsetBytes !== receivedBytes) throw new Error('not the next chunk');
      receivedBytes += chunk.value.data.length;
      return chunk.value.data;
    });
    return Buffer.concat(parts);
  }
}

function pattern(lengthBytes: number): Uint8Array {
  return Uint8Array.from({ length: lengthBytes }, (_, at) => at % 251);
}

const turn = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('BulkSender', () => {
  it('sends what was given to it before the channel opened, one transfer after another', async () => {
    const sender = new BulkSender();
    const channel = new FakePeerChannel();
    expect(sender.send(pattern(40_000), 'image/jpeg')).toEqual({
      transferId: 1,
      sizeBytes: 40_000,
      mediaType: 'image/jpeg',
    });
    sender.send(new Uint8Array(0), 'text/plain');
    await turn();
    expect(channel.sent).toEqual([]);
    sender.open(channel);
    const ids = channel.sent.map((message) => (message as Uint8Array)[3]);
    expect(ids).toEqual([1, 1, 1, 2]);
  });

  it('sends after the answer that announces it', async () => {
    const sender = new BulkSender();
    const channel = new FakePeerChannel();
    sender.open(channel);
    sender.send(pattern(10), 'image/jpeg');
    expect(channel.sent).toEqual([]);
    await turn();
    expect(channel.sent).toHaveLength(1);
  });

  it('stops when enough is on its way, and goes on when most of it has left', async () => {
    const sender = new BulkSender();
    const channel = new SlowChannel();
    const data = pattern(1024 * 1024);
    sender.open(channel);
    sender.send(data, 'video/mp4');
    await turn();
    expect(channel.bufferedBytes).toBeGreaterThanOrEqual(highWaterBytes);
    expect(channel.bufferedBytes).toBeLessThan(highWaterBytes + 16 * 1024);
    channel.drain(highWaterBytes / 2);
    expect(channel.bufferedBytes).toBe(highWaterBytes / 2);
    for (let turns = 0; turns < 10; turns += 1) channel.drain();
    expect(channel.received.equals(data)).toBe(true);
  });

  it('refuses one transfer that is too large', () => {
    const sender = new BulkSender();
    expect(() => sender.send(new Uint8Array(limits.bulkTransferMaxBytes + 1), 'video/mp4')).toThrow(
      expect.objectContaining({ code: 'too-large' }),
    );
  });

  it('keeps two of the largest waiting, and takes more when they have left', async () => {
    const sender = new BulkSender();
    const largest = new Uint8Array(limits.bulkTransferMaxBytes);
    sender.send(largest, 'video/mp4');
    sender.send(largest, 'video/mp4');
    expect(() => sender.send(pattern(1), 'image/jpeg')).toThrow(expect.objectContaining({ code: 'unavailable' }));
    sender.open(new FakePeerChannel());
    expect(sender.send(pattern(1), 'image/jpeg')).toMatchObject({ transferId: 3 });
  });

  it('sends nothing after it was closed', async () => {
    const sender = new BulkSender();
    const channel = new FakePeerChannel();
    sender.open(channel);
    sender.send(pattern(10), 'image/jpeg');
    sender.close();
    await turn();
    channel.drain();
    expect(channel.sent).toEqual([]);
    expect(() => sender.send(pattern(1), 'image/jpeg')).toThrow(expect.objectContaining({ code: 'unavailable' }));
  });
});
