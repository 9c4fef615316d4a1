import { expect } from 'vitest';
import type { Command } from '../../agent/commands/command.ts';
import { CommandRegistry } from '../../agent/commands/command-registry.ts';
import { RpcServer, type RpcServerOptions } from '../../agent/commands/rpc-server.ts';
import type { Role } from '../../protocol/roles.ts';
import { type RpcErrorName, rpcErrorCodes } from '../../protocol/rpc.ts';
import { FakeClock } from './support-clock.ts';
import { FakeLogger } from './support-logger.ts';

export interface Answer {
  id: unknown;
  result?: unknown;
  error?: { code: number; message: string };
}

/** The viewer's end of a command session, as a list of what it was sent. */
export class FakeRpcCaller {
  readonly answers: Answer[] = [];
  readonly bulk: { data: Uint8Array; mediaType: string }[] = [];
  readonly clock = new FakeClock();
  readonly logger = new FakeLogger();
  readonly registry = new CommandRegistry();
  readonly server: RpcServer;
  private nextId = 1;

  constructor(commands: Command[] = [], role: Role = 'view', options: Partial<RpcServerOptions> = {}) {
    for (const command of commands) this.registry.add(command);
    this.server = new RpcServer({
      registry: this.registry,
      caller: { role, viewerId: 'a'.repeat(32), sessionId: 's1' },
      nowMs: () => this.clock.nowMs(),
      logger: this.logger,
      send: (text) => this.answers.push(JSON.parse(text)),
      sendBulk: (data, mediaType) => {
        this.bulk.push({ data, mediaType });
        return { transferId: this.bulk.length, sizeBytes: data.length, mediaType };
      },
      ...options,
    });
  }

  /** @returns the id of the request */
  send(method: string, params?: unknown): number {
    const id = this.nextId++;
    this.server.handleMessage(JSON.stringify({ jsonrpc: '2.0', id, method, params }));
    return id;
  }

  /** Sends a request and lets everything happen that does not wait for a timer. */
  async call(method: string, params?: unknown): Promise<Answer | undefined> {
    const id = this.send(method, params);
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
    return this.answers.find((answer) => answer.id === id);
  }
}

export function refusalOf(code: RpcErrorName, message: unknown = expect.any(String)) {
  return { error: { code: rpcErrorCodes[code], message } };
}
