import { randomBytes } from 'node:crypto';
import { limits } from '../../protocol/limits.ts';
import { parseWith } from '../../protocol/messages.ts';
import { failure, type Result, success } from '../../protocol/result.ts';
import { type Role, roleAllows } from '../../protocol/roles.ts';
import {
  type BulkReference,
  RpcError,
  type RpcErrorName,
  type RpcId,
  type RpcRequest,
  rpcErrorCodes,
} from '../../protocol/rpc.ts';
import { TokenBucket } from '../../protocol/token-bucket.ts';
import type { Command, CommandContext } from './command.ts';
import { parseRpcRequest, type RpcRefusal } from './rpc-request.ts';

export interface RpcServerOptions {
  registry: { get(name: string): Command | undefined };
  /** Who is at the other end, for as long as the session lasts. */
  caller: { role: Role; viewerId: string | null; sessionId: string };
  /** Sends one message, at once and without waiting. */
  send(text: string): void;
  sendBulk(data: Uint8Array, mediaType: string): BulkReference;
  /** Monotonic clock. */
  nowMs(): number;
  logger: { debug(fields: object, message: string): void; error(fields: object, message: string): void };
  /** What the other end takes as one message. */
  sendMaxBytes?: number;
}

interface Call {
  id: RpcId;
  command: Command;
  params: Record<string, unknown>;
}

const timeoutDefaultMs = 5_000;
/** Calls that run at the same time. A call whose time is up counts until it really ends. */
const runningMaxCount = 32;

/**
 * Answers the JSON-RPC requests of one session. Checks run cheapest first, each call gets one answer at most, and nothing
 * that comes in can make it throw.
 */
export class RpcServer {
  private readonly options: RpcServerOptions;
  private readonly calls: TokenBucket;
  /** Answers to calls that are not carried out. Without a bound, junk would pile up answers that the sender never reads. */
  private readonly refusals: TokenBucket;
  private readonly callsByMethod = new Map<string, TokenBucket>();
  private readonly running = new Set<AbortController>();
  private closed = false;

  constructor(options: RpcServerOptions) {
    this.options = options;
    this.calls = this.buildBucket(limits.rpcPerSecond, 2 * limits.rpcPerSecond);
    this.refusals = this.buildBucket(limits.rpcPerSecond, 2 * limits.rpcPerSecond);
  }

  handleMessage(message: string | Uint8Array): void {
    if (this.closed) return;
    const request = parseRpcRequest(message);
    const call = request.ok ? this.admit(request.value) : request;
    if (call.ok) void this.answer(call.value);
    else if (this.refusals.take()) this.sendError(call.error);
  }

  /** Aborts what runs. Nothing is sent from here on. */
  close(): void {
    this.closed = true;
    for (const controller of this.running) controller.abort();
  }

  private admit({ id, method, params = {} }: RpcRequest): Result<Call, RpcRefusal> {
    const refuse = (code: RpcErrorName, message: string) => failure({ id, code, message });
    if (!this.calls.take()) return refuse('rate-limited', `At most ${limits.rpcPerSecond} commands a second`);
    if (this.running.size >= runningMaxCount) return refuse('rate-limited', 'Too many commands are running');
    const command = this.options.registry.get(method);
    if (!command) return refuse('method-not-found', `There is no command ${method}`);
    // The one place where roles are checked.
    if (!roleAllows(this.options.caller.role, command.role)) {
      return refuse('forbidden', `${method} needs the role ${command.role}`);
    }
    if (!this.takeFrom(command)) {
      return refuse('rate-limited', `At most ${command.perMinute} calls of ${method} a minute`);
    }
    const parsed = parseWith(command.params, params);
    if (!parsed.ok) return refuse('invalid-params', `Parameters of ${method}: ${parsed.error}`);
    return success({ id, command, params: parsed.value });
  }

  private async answer(call: Call): Promise<void> {
    const { id, command } = call;
    try {
      const result = command.result.parse(await this.runInTime(call));
      const text = JSON.stringify({ jsonrpc: '2.0', id, result: result ?? null });
      if (!this.isSendable(text)) {
        throw new RpcError('too-large', `The answer of ${command.name} does not fit in a message`);
      }
      this.sendText(text);
    } catch (error) {
      const { code, message } = error instanceof RpcError ? error : this.hideDefect(error, command.name);
      this.sendError({ id, code, message });
    }
  }

  private async runInTime({ command, params }: Call): Promise<unknown> {
    const { timeoutMs = timeoutDefaultMs } = command;
    const controller = new AbortController();
    this.running.add(controller);
    const work = (async () => command.run(params, this.buildContext(controller.signal)))();
    const forget = () => this.running.delete(controller);
    work.then(forget, forget);
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        reject(new RpcError('timeout', `${command.name} took longer than ${timeoutMs} ms`));
        controller.abort();
      }, timeoutMs);
      controller.signal.addEventListener('abort', () => reject(new RpcError('unavailable', 'The session has ended')));
    });
    try {
      return await Promise.race([work, timeout]);
    } finally {
      clearTimeout(timer);
    }
  }

  private buildContext(signal: AbortSignal): CommandContext {
    return {
      ...this.options.caller,
      signal,
      sendBulk: (data, mediaType) => {
        if (signal.aborted) throw new RpcError('unavailable', 'The call is over');
        return this.options.sendBulk(data, mediaType);
      },
    };
  }

  // What a defect says may be nobody else's business; the reference finds it in the log.
  private hideDefect(error: unknown, method: string): RpcError {
    const reference = randomBytes(4).toString('hex');
    this.options.logger.error({ error, method, reference }, 'a command failed');
    return new RpcError('internal-error', `${method} failed on the device; its log says more under ${reference}`);
  }

  private sendError({ id, code, message }: RpcRefusal): void {
    this.sendText(JSON.stringify({ jsonrpc: '2.0', id, error: { code: rpcErrorCodes[code], message } }));
  }

  private sendText(text: string): void {
    if (this.closed) return;
    try {
      this.options.send(text);
    } catch (error) {
      // The channel is closing; the session hears of it by itself.
      this.options.logger.debug({ error }, 'an answer could not be sent');
    }
  }

  private isSendable(text: string): boolean {
    return Buffer.byteLength(text) <= (this.options.sendMaxBytes ?? limits.rpcMessageMaxBytes);
  }

  private takeFrom(command: Command): boolean {
    if (command.perMinute === undefined) return true;
    const bucket = this.callsByMethod.get(command.name) ?? this.buildBucket(command.perMinute / 60, command.perMinute);
    this.callsByMethod.set(command.name, bucket);
    return bucket.take();
  }

  private buildBucket(perSecond: number, burst: number): TokenBucket {
    return new TokenBucket({ perSecond, burst, nowMs: this.options.nowMs });
  }
}
