import { type Backoff, steppedBackoff } from '../../protocol/backoff.ts';
import { Emitter } from '../../protocol/emitter.ts';
import { FfmpegError } from './ffmpeg-error.ts';
import { buildLease, type Lease } from './lease.ts';
import { nextRunState, type RunEvent, type RunState } from './run-state.ts';

export interface RunStatus {
  state: RunState;
  /** Why it is not live, for people. */
  reason?: string;
}

/** Why a run does not do what it is for: how one life of ffmpeg ended, when nobody asked it to, or what it waits for. */
export interface RunTrouble {
  event: Extract<RunEvent, 'failed' | 'missing'>;
  /** For people. */
  reason: string;
}

/** A run that worked for this long was healthy, so what ended it is news. */
const healthyAfterMs = 5_000;
/** What fits into a line on the page; ffmpeg can be verbose. */
const reasonMaxLength = 200;
/** SIGKILL is sent after 2 s at most, and nothing outlives it but a process that hangs in the kernel. */
const endingMaxMs = 15_000;
const restartDelay: Backoff = steppedBackoff([200, 500, 1_000, 2_000, 5_000]);

/** Keeps a job of ffmpeg running while somebody holds it: starts it, starts it again whenever it ends, ends it after the last. */
export class RunSupervisor {
  private readonly run: (signal: AbortSignal) => Promise<RunTrouble>;
  private readonly lingerMs: number;
  private readonly events = new Emitter<{ status: RunStatus }>();
  private current: RunStatus = { state: 'idle' };
  private holders = 0;
  private lingerTimer: NodeJS.Timeout | null = null;
  /** Ends the supervision that is under way; null while nobody wants it. */
  private abort: AbortController | null = null;
  private supervision: Promise<void> = Promise.resolve();
  private workingSinceMs: number | null = null;
  /** Since when a run that nobody wants any more has been ending; null when none is. */
  private endingSinceMs: number | null = null;

  /**
   * @param options.run one life of ffmpeg: resolves when nothing of it is left, soon once the signal is aborted; rejects, which counts
   *   as a failure, when the system does not take, or take away, something of it
   * @param options.lingerMs how long it goes on after the last holder has left
   */
  constructor(options: { run: (signal: AbortSignal) => Promise<RunTrouble>; lingerMs: number }) {
    this.run = options.run;
    this.lingerMs = options.lingerMs;
  }

  get status(): RunStatus {
    return this.current;
  }

  /** Null while it is well; else what is wrong: a run does not end, so that no other can begin. */
  problem(): string | null {
    if (this.endingSinceMs === null) return null;
    const endingMs = performance.now() - this.endingSinceMs;
    return endingMs > endingMaxMs ? `ffmpeg has not ended for ${Math.round(endingMs / 1000)} s` : null;
  }

  /** Tells every change. @returns a function that ends it */
  onStatus(listener: (status: RunStatus) => void): () => void {
    return this.events.on('status', listener);
  }

  /** Keeps it running until the lease is released. After `stop` a lease holds nothing. */
  acquire(): Lease {
    if (this.current.state === 'stopped') return { release() {} };
    this.holders += 1;
    this.clearLinger();
    if (this.abort === null) this.begin();
    return buildLease(() => this.handleRelease());
  }

  /** The run does what it is for. May be said as often as it shows. */
  handleWorking(): void {
    this.workingSinceMs ??= performance.now();
    if (this.current.state !== 'live') this.transition('working');
  }

  /** The run goes on, or takes a while to end, but does not do what it is for. */
  handleTrouble({ event, reason }: RunTrouble): void {
    this.transition(event, reason);
  }

  /** Ends it for good, whoever holds it. Resolves when nothing of it is left. */
  async stop(): Promise<void> {
    this.transition('closed');
    this.clearLinger();
    this.endRun();
    await this.supervision;
  }

  private handleRelease(): void {
    this.holders -= 1;
    if (this.holders > 0 || this.current.state === 'stopped') return;
    this.lingerTimer = setTimeout(() => this.end(), this.lingerMs);
  }

  private begin(): void {
    const abort = new AbortController();
    this.abort = abort;
    this.transition('wanted');
    // One ffmpeg at a time: the last one may still be ending, and a device opens only once.
    this.supervision = this.supervision
      .then(() => this.supervise(abort.signal))
      .then(() => {
        this.endingSinceMs = null;
      });
  }

  private end(): void {
    this.lingerTimer = null;
    this.endRun();
    this.transition('unwanted');
  }

  private endRun(): void {
    if (this.abort === null) return;
    this.endingSinceMs ??= performance.now();
    this.abort.abort();
    this.abort = null;
  }

  private async supervise(signal: AbortSignal): Promise<void> {
    let attempt = 0;
    while (!signal.aborted) {
      this.workingSinceMs = null;
      const end = await this.run(signal).catch(troubleOf);
      if (signal.aborted) return;
      this.transition(end.event, end.reason);
      if (this.wasHealthy(end)) attempt = 0;
      await sleep(restartDelay(attempt) ?? 0, signal);
      attempt += 1;
    }
  }

  private wasHealthy(end: RunTrouble): boolean {
    if (this.workingSinceMs === null) return false;
    // A source that went away, a live one that ended or a camera unplugged, is just waited for, however short it was.
    return end.event === 'missing' || performance.now() - this.workingSinceMs >= healthyAfterMs;
  }

  private clearLinger(): void {
    if (this.lingerTimer !== null) clearTimeout(this.lingerTimer);
    this.lingerTimer = null;
  }

  private transition(event: RunEvent, why?: string): void {
    const state = nextRunState(this.current.state, event);
    const reason = why?.slice(0, reasonMaxLength);
    if (state === null || (state === this.current.state && reason === this.current.reason)) return;
    this.current = reason === undefined ? { state } : { state, reason };
    this.events.emit('status', this.current);
  }
}

function troubleOf(error: unknown): RunTrouble {
  // Without ffmpeg there is nothing that could fail; it is waited for like a camera that is not plugged in.
  const isAbsence = error instanceof FfmpegError && error.code !== 'socket-path-too-long';
  return { event: isAbsence ? 'missing' : 'failed', reason: error instanceof Error ? error.message : String(error) };
}

/** Waits, less when the signal is or gets aborted. */
function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, ms);
    signal.addEventListener('abort', finish);
    if (signal.aborted) finish();
  });
}
