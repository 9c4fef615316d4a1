import type { ChildProcess } from 'node:child_process';
import { pidOf, request, startWorker } from './child.ts';
import { type Announcement, announceRelay } from './relay-candidates.ts';
import type { Started } from './started.ts';

export type NativeRequest =
  | { type: 'offer'; connection: number; portRange: readonly [number, number] | undefined }
  | { type: 'answer'; connection: number; sdp: string };

/** The device to compare with, in a process of its own; see `native-worker.ts`. */
export class NativeDevice {
  readonly pid: number;
  private readonly worker: ChildProcess;
  private readonly signal: AbortSignal;
  private readonly relay: Announcement | undefined;
  private count = 0;

  /** @param relay what viewers are told of in place of the device */
  constructor(started: Started, relay?: Announcement) {
    this.relay = relay;
    this.worker = startWorker('native-worker', started);
    this.pid = pidOf(this.worker);
    this.signal = started.signal;
  }

  /** Opens a connection to whoever answers the offer. @returns the process of the encoder, which all share */
  async connect(answer: (connection: number, offer: string) => Promise<string>): Promise<number> {
    const connection = this.count++;
    const portRange = this.relay?.devicePorts;
    const sdp = await this.ask<string>({ type: 'offer', connection, portRange });
    const offer = this.relay ? announceRelay(sdp, this.relay) : sdp;
    return this.ask<number>({ type: 'answer', connection, sdp: await answer(connection, offer) });
  }

  private ask<Answer>(body: NativeRequest): Promise<Answer> {
    return request(this.worker, body, this.signal);
  }
}
