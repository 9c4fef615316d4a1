import { setTimeout as sleep } from 'node:timers/promises';
import { type Backoff, steppedBackoff } from '../../protocol/backoff.ts';
import { Emitter } from '../../protocol/emitter.ts';
import type { NutPacket } from '../ffmpeg/nut-reader.ts';
import type { AccessUnit } from '../media/access-unit.ts';
import { parameterSetsIn, profileLevelIdOf } from '../media/h264.ts';
import { CameraError } from './camera-error.ts';
import { CameraRun, type CameraRunOptions } from './camera-run.ts';
import { type CameraEvent, type CameraState, nextCameraState } from './camera-state.ts';
import { plannedProfileLevelId } from './encoder.ts';
import { buildDropOneCommand, buildPassOneCommand } from './filter-commands.ts';
import { renditions, snapshotGateName, snapshotName } from './renditions.ts';
import { SnapshotRequests } from './snapshot-requests.ts';

export interface CameraOptions extends Omit<CameraRunOptions, 'onPacket' | 'onWaiting'> {
  /** For people. */
  name: string;
  /** How long ffmpeg goes on after the last holder has left, in milliseconds; 10 s by default. */
  lingerMs?: number;
  /** Gets every frame of every rendition at once. The timestamps begin anew whenever ffmpeg does. */
  onAccessUnit: (unit: AccessUnit, renditionName: string) => void;
}

export interface CameraStatus {
  state: CameraState;
  /** Why it is not live, for people. */
  reason?: string;
}

export interface CameraLease {
  /** Gives the camera back; the second call does nothing. */
  release(): void;
}

const defaultLingerMs = 10_000;
const snapshotTimeoutMs = 5_000;
/** A run that lasted this long was healthy, so what ended it is news. */
const healthyAfterMs = 5_000;
const restartDelay: Backoff = steppedBackoff([200, 500, 1_000, 2_000, 5_000]);

/**
 * One camera: runs ffmpeg while somebody holds it, starts it again whenever it ends or stalls, and controls it at run time. Watches over
 * {@link CameraRun}, which is one life of ffmpeg.
 */
export class Camera {
  readonly id: string;
  readonly name: string;
  private readonly options: CameraOptions;
  private readonly events = new Emitter<{ status: CameraStatus }>();
  private readonly snapshots: SnapshotRequests;
  private current: CameraStatus = { state: 'idle' };
  private holders = 0;
  private lingerTimer: NodeJS.Timeout | null = null;
  /** Ends the supervision that is under way; null while nobody wants the camera. */
  private abort: AbortController | null = null;
  private supervision: Promise<void> = Promise.resolve();
  private run: CameraRun | null = null;
  private lastProfileLevelId: string;

  constructor(options: CameraOptions) {
    this.id = options.id;
    this.name = options.name;
    this.options = options;
    this.lastProfileLevelId = plannedProfileLevelId(options.video);
    this.snapshots = new SnapshotRequests({
      sendCommand: () => this.run?.send(buildPassOneCommand(snapshotGateName)) ?? false,
      timeoutMs: snapshotTimeoutMs,
    });
  }

  get status(): CameraStatus {
    return this.current;
  }

  /** `profile-level-id` of the stream (RFC 6184 8.1): that of the last keyframe, or the planned one before the first. */
  get profileLevelId(): string {
    return this.lastProfileLevelId;
  }

  /** Tells every change. @returns a function that ends it */
  onStatus(listener: (status: CameraStatus) => void): () => void {
    return this.events.on('status', listener);
  }

  /** Keeps the camera running until the lease is released. @throws CameraError `camera-stopped` */
  acquire(): CameraLease {
    if (this.current.state === 'stopped') throw CameraError.stopped();
    this.holders += 1;
    this.clearLinger();
    if (this.abort === null) this.begin();
    let isReleased = false;
    return {
      release: () => {
        if (isReleased) return;
        isReleased = true;
        this.handleRelease();
      },
    };
  }

  /** Makes the next frame but one a keyframe, at most three times a second. A camera without frames begins with one anyway. */
  requestKeyframe(): void {
    for (const { gateName } of renditions) this.run?.send(buildDropOneCommand(gateName));
  }

  /**
   * Takes a still picture of now, in the size that viewers see at most. Starts the camera when it does not run.
   *
   * @throws CameraError `snapshot-timeout` after 5 s (with the reason), `aborted`, `camera-stopped`
   */
  async takeSnapshot(signal?: AbortSignal): Promise<{ jpeg: Buffer }> {
    const lease = this.acquire();
    try {
      const explain = () => this.current.reason ?? `the camera is ${this.current.state}`;
      return { jpeg: await this.snapshots.take(explain, signal) };
    } finally {
      lease.release();
    }
  }

  /** Ends it for good, whoever holds it. Resolves when nothing of it is left. */
  async stop(): Promise<void> {
    this.transition('closed');
    this.clearLinger();
    this.abort?.abort();
    this.abort = null;
    this.snapshots.rejectAll(CameraError.stopped());
    await this.supervision;
  }

  private handleRelease(): void {
    this.holders -= 1;
    if (this.holders > 0 || this.current.state === 'stopped') return;
    this.lingerTimer = setTimeout(() => this.end(), this.options.lingerMs ?? defaultLingerMs);
  }

  private begin(): void {
    const abort = new AbortController();
    this.abort = abort;
    this.transition('wanted');
    // One ffmpeg at a time: the last one may still be ending, and a device opens only once.
    this.supervision = this.supervision.then(() => this.supervise(abort.signal));
  }

  private end(): void {
    this.lingerTimer = null;
    this.abort?.abort();
    this.abort = null;
    this.transition('unwanted');
  }

  private async supervise(signal: AbortSignal): Promise<void> {
    let attempt = 0;
    while (!signal.aborted) {
      const run = this.buildRun(signal);
      this.run = run;
      const end = await run.run(signal);
      this.run = null;
      this.snapshots.handleRunEnd();
      if (signal.aborted) return;
      this.transition(end.event, end.reason);
      // A live file that ended is just waited for, however short it was.
      const wasHealthy =
        run.firstFrameAtMs !== null &&
        (end.event === 'source-missing' || performance.now() - run.firstFrameAtMs >= healthyAfterMs);
      if (wasHealthy) attempt = 0;
      await sleep(restartDelay(attempt) ?? 0, undefined, { signal }).catch(() => {});
      attempt += 1;
    }
  }

  private buildRun(signal: AbortSignal): CameraRun {
    return new CameraRun({
      ...this.options,
      onPacket: (outputName, packet) => {
        if (!signal.aborted) this.handlePacket(outputName, packet);
      },
      onWaiting: (reason) => {
        if (!signal.aborted) this.transition('source-missing', reason);
      },
    });
  }

  private handlePacket(outputName: string, { data, ptsTicks90k, isKeyframe }: NutPacket): void {
    if (outputName === snapshotName) {
      this.snapshots.handleJpeg(data);
      return;
    }
    if (isKeyframe) this.learnProfile(data);
    const arrivedAtMs = performance.now();
    const unit = { data, ptsTicks90k, isKeyframe, capturedAtMs: arrivedAtMs, arrivedAtMs };
    this.options.onAccessUnit(unit, outputName);
    if (this.current.state === 'live') return;
    this.transition('frame');
    this.snapshots.handleReady();
  }

  private learnProfile(keyframe: Buffer): void {
    const sps = parameterSetsIn(keyframe).sps[0];
    const profileLevelId = sps === undefined ? null : profileLevelIdOf(sps);
    if (profileLevelId !== null) this.lastProfileLevelId = profileLevelId;
  }

  private clearLinger(): void {
    if (this.lingerTimer !== null) clearTimeout(this.lingerTimer);
    this.lingerTimer = null;
  }

  private transition(event: CameraEvent, reason?: string): void {
    const state = nextCameraState(this.current.state, event);
    if (state === null || (state === this.current.state && reason === this.current.reason)) return;
    this.current = reason === undefined ? { state } : { state, reason };
    this.options.logger.info({ camera: this.id, ...this.current }, `camera ${state}`);
    this.events.emit('status', this.current);
  }
}
