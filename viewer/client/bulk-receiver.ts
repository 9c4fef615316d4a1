import { parseBulkChunk } from '../../protocol/bulk.ts';
import { limits } from '../../protocol/limits.ts';
import { type BulkReference, RpcError } from '../../protocol/rpc.ts';

const transferTimeoutMs = 30_000;
/** Transfers that have begun before the answer that announces them arrived; the two travel on different channels. */
const unclaimedMaxCount = 4;

interface Transfer {
  chunks: Uint8Array[];
  receivedBytes: number;
  claim: { sizeBytes: number; resolve(data: Uint8Array): void; reject(error: RpcError): void } | null;
}

/** Puts the binary transfers of the `bulk` channel together. */
export class BulkReceiver {
  private readonly transfers = new Map<number, Transfer>();

  /** @throws RpcError `too-large` or `timeout`, or `unavailable` when the session ends first */
  receive(reference: BulkReference): Promise<Uint8Array> {
    if (reference.sizeBytes > limits.bulkTransferMaxBytes) {
      return Promise.reject(new RpcError('too-large', `The transfer has ${reference.sizeBytes} bytes.`));
    }
    const transfer = this.transferOf(reference.transferId);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => this.fail(reference.transferId, new RpcError('timeout', 'The data did not arrive in time.')),
        transferTimeoutMs,
      );
      transfer.claim = {
        sizeBytes: reference.sizeBytes,
        resolve: (data) => {
          clearTimeout(timer);
          resolve(data);
        },
        reject: (error) => {
          clearTimeout(timer);
          reject(error);
        },
      };
      this.finishIfComplete(reference.transferId, transfer);
    });
  }

  handleMessage(message: unknown): void {
    const bytes = message instanceof ArrayBuffer ? new Uint8Array(message) : message;
    if (!(bytes instanceof Uint8Array)) return;
    const chunk = parseBulkChunk(bytes);
    if (!chunk.ok) return;
    const { transferId, offsetBytes, data } = chunk.value;
    const transfer = this.transferOf(transferId);
    const isTooMuch = transfer.receivedBytes + data.length > limits.bulkTransferMaxBytes;
    // The channel is reliable and ordered, so a gap means a device that does not keep to the protocol.
    if (offsetBytes !== transfer.receivedBytes || isTooMuch) {
      this.fail(transferId, new RpcError('internal-error', 'The data arrived in the wrong order.'));
      return;
    }
    transfer.chunks.push(data.slice());
    transfer.receivedBytes += data.length;
    this.finishIfComplete(transferId, transfer);
  }

  close(): void {
    for (const id of [...this.transfers.keys()]) this.fail(id, new RpcError('unavailable', 'The session has ended.'));
  }

  private transferOf(transferId: number): Transfer {
    const known = this.transfers.get(transferId);
    if (known) return known;
    const unclaimed = [...this.transfers].filter(([, transfer]) => !transfer.claim);
    const oldest = unclaimed[0];
    if (oldest && unclaimed.length >= unclaimedMaxCount) this.transfers.delete(oldest[0]);
    const transfer: Transfer = { chunks: [], receivedBytes: 0, claim: null };
    this.transfers.set(transferId, transfer);
    return transfer;
  }

  private finishIfComplete(transferId: number, transfer: Transfer): void {
    if (!transfer.claim || transfer.receivedBytes < transfer.claim.sizeBytes) return;
    this.transfers.delete(transferId);
    const data = new Uint8Array(transfer.receivedBytes);
    let at = 0;
    for (const chunk of transfer.chunks) {
      data.set(chunk, at);
      at += chunk.length;
    }
    transfer.claim.resolve(data);
  }

  private fail(transferId: number, error: RpcError): void {
    const transfer = this.transfers.get(transferId);
    this.transfers.delete(transferId);
    transfer?.claim?.reject(error);
  }
}
