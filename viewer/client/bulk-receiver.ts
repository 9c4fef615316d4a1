import { parseBulkChunk } from '../../protocol/bulk.ts';
import { limits } from '../../protocol/limits.ts';
import { type BulkReference, RpcError } from '../../protocol/rpc.ts';

/** Between two chunks, not for the whole: what is large takes long on a thin link. */
const chunkTimeoutMs = 30_000;
/** Transfers that have begun before the answer that announces them arrived; the two travel on different channels. */
const unclaimedMaxCount = 4;

interface Transfer {
  chunks: Uint8Array[];
  receivedBytes: number;
  claim: Claim | null;
}

interface Claim {
  sizeBytes: number;
  timer: ReturnType<typeof setTimeout>;
  resolve(data: Uint8Array): void;
  reject(error: RpcError): void;
}

/** Puts the binary transfers of the `bulk` channel together. */
export class BulkReceiver {
  private readonly transfers = new Map<number, Transfer>();

  /**
   * The data of a transfer that an answer has announced.
   * @throws RpcError `too-large` or `timeout`, `unavailable` when the session ends first, `internal-error` when the device
   * does not keep to the protocol
   */
  receive({ transferId, sizeBytes }: BulkReference): Promise<Uint8Array> {
    if (sizeBytes > limits.bulkTransferMaxBytes) {
      return Promise.reject(new RpcError('too-large', `The transfer has ${sizeBytes} bytes.`));
    }
    const transfer = this.transferOf(transferId);
    if (transfer.claim) return Promise.reject(brokenProtocol('announced twice'));
    return new Promise((resolve, reject) => {
      transfer.claim = { sizeBytes, timer: this.startTimer(transferId), resolve, reject };
      this.finishIfComplete(transferId, transfer);
    });
  }

  handleMessage(message: unknown): void {
    const bytes = message instanceof ArrayBuffer ? new Uint8Array(message) : message;
    if (!(bytes instanceof Uint8Array)) return;
    const chunk = parseBulkChunk(bytes);
    // An empty transfer is whole before its one, empty chunk arrives.
    if (!chunk.ok || chunk.value.data.length === 0) return;
    const { transferId, offsetBytes, data } = chunk.value;
    const transfer = this.transferOf(transferId);
    const maxBytes = transfer.claim?.sizeBytes ?? limits.bulkTransferMaxBytes;
    // The channel is reliable and ordered, so a gap means a device that does not keep to the protocol.
    if (offsetBytes !== transfer.receivedBytes || transfer.receivedBytes + data.length > maxBytes) {
      this.fail(transferId, brokenProtocol('out of order'));
      return;
    }
    transfer.chunks.push(data.slice());
    transfer.receivedBytes += data.length;
    if (!transfer.claim) return;
    clearTimeout(transfer.claim.timer);
    transfer.claim.timer = this.startTimer(transferId);
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

  private startTimer(transferId: number): ReturnType<typeof setTimeout> {
    const late = () => this.fail(transferId, new RpcError('timeout', 'The data did not arrive in time.'));
    return setTimeout(late, chunkTimeoutMs);
  }

  private finishIfComplete(transferId: number, { claim, chunks, receivedBytes }: Transfer): void {
    if (!claim || receivedBytes < claim.sizeBytes) return;
    if (receivedBytes > claim.sizeBytes) {
      this.fail(transferId, brokenProtocol('longer than announced'));
      return;
    }
    this.transfers.delete(transferId);
    clearTimeout(claim.timer);
    const data = new Uint8Array(receivedBytes);
    let at = 0;
    for (const chunk of chunks) {
      data.set(chunk, at);
      at += chunk.length;
    }
    claim.resolve(data);
  }

  private fail(transferId: number, error: RpcError): void {
    const claim = this.transfers.get(transferId)?.claim;
    this.transfers.delete(transferId);
    if (!claim) return;
    clearTimeout(claim.timer);
    claim.reject(error);
  }
}

function brokenProtocol(how: string): RpcError {
  return new RpcError('internal-error', `The data of the device was ${how}.`);
}
