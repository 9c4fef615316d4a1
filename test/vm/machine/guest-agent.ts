import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { waitFor } from '../../helpers/e2e/command.ts';

/** What a command in the guest has left. */
export interface CommandResult {
  code: number;
  stdout: string;
  stderr: string;
}

interface Reply {
  return?: unknown;
  error?: { desc: string };
}

interface ExecStatus {
  exited: boolean;
  exitcode?: number;
  signal?: number;
  'out-data'?: string;
  'err-data'?: string;
}

const requestTimeoutMs = 10_000;
const pollIntervalMs = 30;

/**
 * Runs commands in the guest through qemu-guest-agent: one JSON object per line over a serial port, which no fault of the
 * guest's network cuts. Requests take turns.
 */
export class GuestAgent {
  private readonly socketPath: string;
  private socket: Socket | null = null;
  private received = '';
  private isInStep = false;
  private lastSyncId = 0;
  private turn: Promise<unknown> = Promise.resolve();

  constructor(socketPath: string) {
    this.socketPath = socketPath;
  }

  async open(): Promise<void> {
    const socket = connect(this.socketPath);
    await once(socket, 'connect');
    socket.setEncoding('latin1');
    socket.on('data', (text: string) => {
      this.received += text;
    });
    // The machine has ended: a request that waits runs into its deadline.
    socket.on('error', () => {});
    this.socket = socket;
  }

  close(): void {
    this.socket?.destroy();
  }

  /** Runs a shell command as root. @throws when the guest does not answer, or the command takes longer than that */
  async run(command: string, timeoutMs = 20_000): Promise<CommandResult> {
    const arg = ['--kill-after=1', `${timeoutMs / 1000}`, 'bash', '-c', command];
    const started = await this.request('guest-exec', { path: '/usr/bin/timeout', arg, 'capture-output': true });
    const { pid } = started as { pid: number };
    const deadlineMs = performance.now() + timeoutMs + 5_000;
    while (performance.now() < deadlineMs) {
      const status = (await this.request('guest-exec-status', { pid })) as ExecStatus;
      if (status.exited) return readResult(status);
      await sleep(pollIntervalMs);
    }
    throw new Error(`the guest has not ended "${command}" within ${timeoutMs} ms`);
  }

  /** Asks the guest to switch itself off; there is no reply. */
  powerDown(): void {
    this.send('guest-shutdown', { mode: 'powerdown' });
    this.isInStep = false;
  }

  private request(execute: string, args: object): Promise<unknown> {
    const reply = this.turn.then(() => this.exchange(execute, args));
    this.turn = reply.catch(() => {});
    return reply;
  }

  private async exchange(execute: string, args: object): Promise<unknown> {
    if (!this.isInStep) await this.getInStep();
    this.isInStep = false;
    this.send(execute, args);
    const reply = await this.nextReply(execute);
    this.isInStep = true;
    if (reply.error) throw new Error(`${execute}: ${reply.error.desc}`);
    return reply.return;
  }

  /** Skips what is left of earlier requests: those that ran into their deadline, or that a restart of the guest has cut. */
  private async getInStep(): Promise<void> {
    this.lastSyncId += 1;
    const id = this.lastSyncId;
    // The byte that no UTF-8 text holds ends what the guest may have got of an earlier request.
    this.socket?.write(Buffer.from([0xff]));
    this.send('guest-sync-delimited', { id });
    while ((await this.nextReply('guest-sync-delimited')).return !== id);
  }

  private send(execute: string, args: object): void {
    this.socket?.write(`${JSON.stringify({ execute, arguments: args })}\n`);
  }

  private async nextReply(execute: string): Promise<Reply> {
    const line = await waitFor(
      () => this.takeLine(),
      requestTimeoutMs,
      () => `no reply of the guest to ${execute}`,
    );
    return JSON.parse(line) as Reply;
  }

  private takeLine(): string | null {
    const end = this.received.indexOf('\n');
    if (end < 0) return null;
    const line = this.received.slice(0, end).replaceAll('\xff', '');
    this.received = this.received.slice(end + 1);
    return line;
  }
}

function readResult(status: ExecStatus): CommandResult {
  const decode = (data = '') => Buffer.from(data, 'base64').toString('utf8');
  return {
    code: status.exitcode ?? 128 + (status.signal ?? 0),
    stdout: decode(status['out-data']),
    stderr: decode(status['err-data']),
  };
}
