import { Emitter } from '../../protocol/emitter.ts';
import { parseJson } from '../../protocol/json.ts';
import { limits } from '../../protocol/limits.ts';
import { parseWith } from '../../protocol/messages.ts';
import { RpcError, type RpcResponse, rpcNotificationSchema, rpcResponseSchema } from '../../protocol/rpc.ts';

/** Results may nest deeper than signaling does: `rpc.discover` carries JSON Schema. */
const resultMaxDepth = 32;
const resultMaxBytes = 256 * 1024;
const callTimeoutMs = 15_000;

interface PendingCall {
  resolve(result: unknown): void;
  reject(error: RpcError): void;
  timer: ReturnType<typeof setTimeout>;
}

/** The calling side of JSON-RPC 2.0 over any channel of text messages. */
export class RpcClient {
  readonly events = new Emitter<{ notification: { method: string; params: unknown } }>();
  private readonly send: (text: string) => boolean;
  private readonly pending = new Map<number, PendingCall>();
  private nextId = 1;
  private isClosed = false;

  /** @param options.send gives false when there is no channel to send on */
  constructor(options: { send(text: string): boolean }) {
    this.send = options.send;
  }

  /** @throws RpcError with the device's code, `timeout` after 15 s, or `unavailable` when the session is not open or ends first */
  call(method: string, params: object = {}): Promise<unknown> {
    const id = this.nextId++;
    const text = JSON.stringify({ jsonrpc: '2.0', id, method, params });
    if (this.isClosed) return Promise.reject(new RpcError('unavailable', 'The session has ended.'));
    if (text.length > limits.rpcMessageMaxBytes) {
      return Promise.reject(
        new RpcError('too-large', `A command may have ${limits.rpcMessageMaxBytes} bytes at most.`),
      );
    }
    return new Promise((resolve, reject) => {
      const timer = setTimeout(
        () => this.settle(id, (call) => call.reject(new RpcError('timeout', `${method} was not answered in time.`))),
        callTimeoutMs,
      );
      this.pending.set(id, { resolve, reject, timer });
      const isSent = this.send(text);
      if (!isSent) this.settle(id, (call) => call.reject(new RpcError('unavailable', 'The session is not open.')));
    });
  }

  handleMessage(text: unknown): void {
    if (typeof text !== 'string') return;
    const json = parseJson(text, { maxBytes: resultMaxBytes, maxDepth: resultMaxDepth });
    if (!json.ok) return;
    const response = parseWith(rpcResponseSchema, json.value);
    if (response.ok) {
      this.handleResponse(response.value);
      return;
    }
    const notification = parseWith(rpcNotificationSchema, json.value);
    if (!notification.ok) return;
    this.events.emit('notification', { method: notification.value.method, params: notification.value.params });
  }

  close(): void {
    this.isClosed = true;
    for (const id of [...this.pending.keys()]) {
      this.settle(id, (call) => call.reject(new RpcError('unavailable', 'The session has ended.')));
    }
  }

  private handleResponse(response: RpcResponse): void {
    if (typeof response.id !== 'number') return;
    this.settle(response.id, (call) => {
      if ('error' in response) call.reject(RpcError.fromWire(response.error));
      else call.resolve(response.result);
    });
  }

  private settle(id: number, finish: (call: PendingCall) => void): void {
    const call = this.pending.get(id);
    if (!call) return;
    this.pending.delete(id);
    clearTimeout(call.timer);
    finish(call);
  }
}
