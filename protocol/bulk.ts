import { limits } from './limits.ts';
import { failure, type Result, success } from './result.ts';

/**
 * Binary transfers on the `bulk` data channel, which is reliable and ordered. Each message is an eight-byte header (transfer
 * id and offset, both 32 bits, big-endian) and a part of the data. The sizes are announced by the command that started it.
 */
export interface BulkChunk {
  transferId: number;
  offsetBytes: number;
  data: Uint8Array;
}

const headerLengthBytes = 8;

export function encodeBulkChunk(chunk: BulkChunk): Uint8Array {
  const message = new Uint8Array(headerLengthBytes + chunk.data.length);
  const view = new DataView(message.buffer);
  view.setUint32(0, chunk.transferId);
  view.setUint32(4, chunk.offsetBytes);
  message.set(chunk.data, headerLengthBytes);
  return message;
}

export function parseBulkChunk(message: Uint8Array): Result<BulkChunk, 'truncated' | 'too-large'> {
  if (message.length < headerLengthBytes) return failure('truncated');
  if (message.length > headerLengthBytes + limits.bulkChunkMaxBytes) return failure('too-large');
  const view = new DataView(message.buffer, message.byteOffset);
  return success({
    transferId: view.getUint32(0),
    offsetBytes: view.getUint32(4),
    data: message.subarray(headerLengthBytes),
  });
}

/** Cuts data into messages for the bulk channel. An empty transfer is one empty chunk, so that its end is seen. */
export function* buildBulkChunks(transferId: number, data: Uint8Array): Generator<Uint8Array> {
  let offsetBytes = 0;
  do {
    const part = data.subarray(offsetBytes, offsetBytes + limits.bulkChunkMaxBytes);
    yield encodeBulkChunk({ transferId, offsetBytes, data: part });
    offsetBytes += part.length;
  } while (offsetBytes < data.length);
}
