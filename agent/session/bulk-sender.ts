import { buildBulkChunks } from '../../protocol/bulk.ts';
import { limits } from '../../protocol/limits.ts';
import { type BulkReference, RpcError } from '../../protocol/rpc.ts';

/** The open `bulk` channel. */
export interface BulkTransport {
  /** The result says whether the data left at once; what did not is in `bufferedBytes`. */
  send(data: Uint8Array): boolean;
  readonly bufferedBytes: number;
  onDrained(thresholdBytes: number, listener: () => void): void;
}

/** Filling stops here and goes on at a quarter of it: enough for a full link, little for the memory of a small device. */
const highWaterBytes = 256 * 1024;
const queuedMaxBytes = 2 * limits.bulkTransferMaxBytes;

/** Sends binary transfers one after another, no faster than the viewer takes them. */
export class BulkSender {
  private readonly queue: { chunks: Iterator<Uint8Array>; sizeBytes: number }[] = [];
  private transport: BulkTransport | null = null;
  private queuedBytes = 0;
  private nextTransferId = 1;
  private isClosed = false;

  open(transport: BulkTransport): void {
    this.transport = transport;
    transport.onDrained(highWaterBytes / 4, () => this.pump());
    this.pump();
  }

  /** @throws RpcError `too-large` or `unavailable` */
  send(data: Uint8Array, mediaType: string): BulkReference {
    if (this.isClosed) throw new RpcError('unavailable', 'The session has ended.');
    if (data.length > limits.bulkTransferMaxBytes)
      throw new RpcError('too-large', `${data.length} bytes are too many.`);
    if (this.queuedBytes + data.length > queuedMaxBytes) {
      throw new RpcError('unavailable', 'Earlier transfers are still on their way.');
    }
    const transferId = this.nextTransferId++;
    this.queue.push({ chunks: buildBulkChunks(transferId, data), sizeBytes: data.length });
    this.queuedBytes += data.length;
    // After the reply that announces it, in the common case.
    queueMicrotask(() => this.pump());
    return { transferId, sizeBytes: data.length, mediaType };
  }

  close(): void {
    this.isClosed = true;
    this.queue.length = 0;
  }

  private pump(): void {
    const { transport } = this;
    while (transport && !this.isClosed && transport.bufferedBytes < highWaterBytes) {
      const first = this.queue[0];
      if (!first) return;
      const chunk = first.chunks.next();
      if (!chunk.done) transport.send(chunk.value);
      else {
        this.queue.shift();
        this.queuedBytes -= first.sizeBytes;
      }
    }
  }
}
