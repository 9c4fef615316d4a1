import type { ChildProcess } from 'node:child_process';
import type { VideoQuality } from '../../protocol/video-quality.ts';
import { request, startWorker } from './child.ts';
import type { Started } from './started.ts';

export type ViewerRequest =
  | { type: 'open'; link: string; count: number; relayPorts?: readonly [number, number] }
  | { type: 'counters' }
  | { type: 'close' }
  | { type: 'quality'; quality: VideoQuality }
  | { type: 'receive'; connection: number; offer: string };

/** Of all viewers together, since they were opened. */
export interface ViewerCounters {
  connected: number;
  framesReceived: number;
  packetsReceived: number;
  packetsLost: number;
}

/** What one process receives without falling behind. */
const perWorkerMaxCount = 25;

/** Headless viewers in processes of their own, so that what is measured beside them is not their work. */
export class Viewers {
  private readonly started: Started;
  private readonly workers: { process: ChildProcess; count: number }[] = [];

  constructor(started: Started) {
    this.started = started;
  }

  /** Opens more sessions; resolves when all are connected. */
  async open(options: { link: string; count: number; relayPorts?: readonly [number, number] }): Promise<void> {
    for (let left = options.count; left > 0; ) {
      const worker = this.workerWithRoom();
      const count = Math.min(left, perWorkerMaxCount - worker.count);
      worker.count += count;
      left -= count;
      await request(worker.process, { type: 'open', ...options, count } satisfies ViewerRequest, this.started.signal);
    }
  }

  /** Answers the offer of a device that is not Porthole's. @returns the answer */
  async receive(connection: number, offer: string): Promise<string> {
    const worker = this.workerWithRoom();
    worker.count += 1;
    return request(worker.process, { type: 'receive', connection, offer } satisfies ViewerRequest, this.started.signal);
  }

  /** Of all viewers. */
  async setQuality(quality: VideoQuality): Promise<void> {
    await this.askAll({ type: 'quality', quality });
  }

  /** Ends all sessions. */
  async close(): Promise<void> {
    await this.askAll({ type: 'close' });
  }

  async counters(): Promise<ViewerCounters> {
    const counted = await this.askAll<ViewerCounters>({ type: 'counters' });
    const sum = (key: keyof ViewerCounters) => counted.reduce((total, counters) => total + counters[key], 0);
    return {
      connected: sum('connected'),
      framesReceived: sum('framesReceived'),
      packetsReceived: sum('packetsReceived'),
      packetsLost: sum('packetsLost'),
    };
  }

  private askAll<Answer>(body: ViewerRequest): Promise<Answer[]> {
    return Promise.all(this.workers.map(({ process }) => request<Answer>(process, body, this.started.signal)));
  }

  private workerWithRoom(): { process: ChildProcess; count: number } {
    const known = this.workers.find(({ count }) => count < perWorkerMaxCount);
    if (known) return known;
    const worker = { process: startWorker('viewer-worker', this.started), count: 0 };
    this.workers.push(worker);
    return worker;
  }
}
