import type { ChildProcess } from 'node:child_process';
import { pidOf, request, startWorker } from './child.ts';
import type { Started } from './started.ts';

export type NativeRequest =
  | { type: 'offer'; connection: number }
  | { type: 'answer'; connection: number; sdp: string }
  | { type: 'close'; connection: number };

/** The device to compare with, in a process of its own; see `native-worker.ts`. */
export class NativeDevice {
  readonly pid: number;
  private readonly worker: ChildProcess;
  private readonly signal: AbortSignal;
  private count = 0;

  constructor(started: Started) {
    this.worker = startWorker('native-worker', started);
    this.pid = pidOf(this.worker);
    this.signal = started.signal;
  }

  /** Opens a connection to whoever answers the offer. @returns its number */
  async connect(answer: (connection: number, offer: string) => Promise<string>): Promise<number> {
    const connection = this.count++;
    const offer = await this.ask<string>({ type: 'offer', connection });
    await this.ask({ type: 'answer', connection, sdp: await answer(connection, offer) });
    return connection;
  }

  close(connection: number): Promise<void> {
    return this.ask({ type: 'close', connection });
  }

  private ask<Answer>(body: NativeRequest): Promise<Answer> {
    return request(this.worker, body, this.signal);
  }
}
