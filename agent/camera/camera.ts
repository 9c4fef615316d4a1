import { setTimeout as sleep } from 'node:timers/promises';
import { type Backoff, steppedBackoff } from '../../protocol/backoff.ts';
import { Emitter } from '../../protocol/emitter.ts';
import type { NutPacket } from '../ffmpeg/nut-reader.ts';
import type { AccessUnit } from '../media/access-unit.ts';
import { parameterSetsIn, profileLevelIdOf } from '../media/h264.ts';
import type { MediaClock } from '../media/media-clock.ts';
import { CameraError } from './camera-error.ts';
import { buildLease, type CameraLease } from './camera-lease.ts';
import { CameraRun, type CameraRunOptions } from './camera-run.ts';
import { type CameraEvent, type CameraState, nextCameraState } from './camera-state.ts';
import { capturedAtMs } from './capture-stamp.ts';
import { plannedProfileLevelId } from './encoder.ts';
import { buildPassOneCommand } from './filter-commands.ts';
import { gateNameOf, type OutputName, snapshotName } from './outputs.ts';
import { RenditionGates } from './rendition-gates.ts';
import { buildRenditions, type Rendition, type RenditionName } from './renditions.ts';
import { SnapshotRequests } from './snapshot-requests.ts';

export interface CameraOptions
  extends Pick<
    CameraRunOptions,
    'id' | 'source' | 'video' | 'ffmpeg' | 'encoder' | 'isPassthrough' | 'runtimeDir' | 'logger'
  > {
  /** For people. */
  name: string;
  /** Whether this ffmpeg encodes VP8 (`canEncodeVp8`). */
  hasVp8: boolean;
  clock: MediaClock;
  /** How long ffmpeg goes on after the last holder has left, in milliseconds; 10 s by default. */
  lingerMs?: number;
  /** Gets every frame of the renditions that somebody holds, at once, of each from a keyframe on; the last one held lingers too. */
  onAccessUnit: (unit: AccessUnit, renditionName: RenditionName) => void;
}

export interface CameraStatus {
  state: CameraState;
  /** Why it is not live, for people. */
  reason?: string;
}

const defaultLingerMs = 10_000;
const snapshotTimeoutMs = 5_000;
/** A run that lasted this long was healthy, so what ended it is news. */
const healthyAfterMs = 5_000;
const restartDelay: Backoff = steppedBackoff([200, 500, 1_000, 2_000, 5_000]);

/** What fits into a line on the page; ffmpeg can be verbose. */
const reasonMaxLength = 200;

/**
 * One camera: runs ffmpeg while somebody holds it, encodes just the renditions that somebody holds, starts ffmpeg again whenever it ends or
 * stalls, and controls it at run time. Watches over {@link CameraRun}, which is one life of ffmpeg.
 */
export class Camera {
  readonly id: string;
  readonly name: string;
  /** What can be held with {@link acquireRendition}. */
  readonly renditions: readonly Rendition[];
  private readonly options: CameraOptions;
  private readonly events = new Emitter<{ status: CameraStatus }>();
  private readonly snapshots: SnapshotRequests;
  private readonly gates: RenditionGates;
  private current: CameraStatus = { state: 'idle' };
  private holders = 0;
  private lingerTimer: NodeJS.Timeout | null = null;
  /** Ends the supervision that is under way; null while nobody wants the camera. */
  private abort: AbortController | null = null;
  private supervision: Promise<void> = Promise.resolve();
  private run: CameraRun | null = null;
  private lastProfileLevelId: string;

  constructor(options: CameraOptions) {
    const { video, encoder, hasVp8, isPassthrough } = options;
    this.id = options.id;
    this.name = options.name;
    this.renditions = buildRenditions({ video, encoder, hasVp8, isPassthrough });
    this.options = options;
    this.lastProfileLevelId = plannedProfileLevelId(video);
    const send = (command: string) => this.run?.send(command) ?? false;
    this.gates = new RenditionGates({ renditions: this.renditions, send });
    this.snapshots = new SnapshotRequests({
      sendCommand: () => send(buildPassOneCommand(gateNameOf(snapshotName))),
      timeoutMs: snapshotTimeoutMs,
    });
  }

  get status(): CameraStatus {
    return this.current;
  }

  /**
   * `profile-level-id` of the rendition `top` (RFC 6184 8.1), which the smaller ones stay within: that of its last keyframe, or
   * the planned one before the first (with passthrough a guess).
   */
  get profileLevelId(): string {
    return this.lastProfileLevelId;
  }

  /** Tells every change. @returns a function that ends it */
  onStatus(listener: (status: CameraStatus) => void): () => void {
    return this.events.on('status', listener);
  }

  /** Keeps the camera running, with no rendition, until the lease is released. @throws CameraError `camera-stopped` */
  acquire(): CameraLease {
    if (this.current.state === 'stopped') throw CameraError.stopped();
    this.holders += 1;
    this.clearLinger();
    if (this.abort === null) this.begin();
    return buildLease(() => this.handleRelease());
  }

  /**
   * Keeps the camera running and one rendition coming, from a keyframe on, until the lease is released.
   *
   * @throws CameraError `camera-stopped`, `no-such-rendition`
   */
  acquireRendition(name: RenditionName): CameraLease {
    if (!this.renditions.some((rendition) => rendition.name === name)) throw CameraError.noSuchRendition(name);
    const camera = this.acquire();
    const gate = this.gates.hold(name);
    return buildLease(() => {
      gate.release();
      camera.release();
    });
  }

  /**
   * Asks for a keyframe of a rendition, at the cost of one frame; it is there within 0.1 to 0.2 s. The caller sees to it that this is
   * not done more often than once a second.
   *
   * @returns false when it cannot be asked for: nobody holds the rendition; it is passed through and not encoded here, so
   *   that its keyframes come when the camera likes (`Rendition.isEncodedHere`); or no frames come, and then they will begin with one
   */
  requestKeyframe(name: RenditionName): boolean {
    return this.gates.requestKeyframe(name);
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
      this.gates.handleRunEnd();
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
      renditions: this.renditions,
      openGates: () => this.gates.handleStart(),
      onPacket: (outputName, packet) => {
        if (!signal.aborted) this.handlePacket(outputName, packet);
      },
      onWaiting: (reason) => {
        if (!signal.aborted) this.transition('source-missing', reason);
      },
      onStalled: (reason) => {
        if (!signal.aborted) this.transition('failed', reason);
      },
    });
  }

  private handlePacket(outputName: OutputName, packet: NutPacket): void {
    if (outputName === snapshotName) {
      this.snapshots.handleJpeg(packet.data);
      return;
    }
    this.deliver(outputName, packet);
    if (this.current.state === 'live') return;
    this.transition('frame');
    this.gates.handleReady();
    this.snapshots.handleReady();
  }

  private deliver(name: RenditionName, { data, ptsTicks90k, isKeyframe }: NutPacket): void {
    if (!this.gates.admit(name, isKeyframe)) return;
    if (isKeyframe && name === 'top') this.learnProfile(data);
    const { clock, isPassthrough, onAccessUnit } = this.options;
    const arrivedAtMs = clock.nowMs();
    const takenAtMs =
      isPassthrough && name === 'top'
        ? arrivedAtMs
        : capturedAtMs({ stampTicks90k: ptsTicks90k, arrivedAtMs, wallClockMs: clock.wallClockMs() });
    onAccessUnit({ data, ptsTicks90k, isKeyframe, capturedAtMs: takenAtMs, arrivedAtMs }, name);
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

  private transition(event: CameraEvent, why?: string): void {
    const state = nextCameraState(this.current.state, event);
    const reason = why?.slice(0, reasonMaxLength);
    if (state === null || (state === this.current.state && reason === this.current.reason)) return;
    this.current = reason === undefined ? { state } : { state, reason };
    this.options.logger.info({ camera: this.id, ...this.current }, `camera ${state}`);
    this.events.emit('status', this.current);
  }
}
