import { buildLease, type Lease } from '../ffmpeg/lease.ts';
import type { NutPacket } from '../ffmpeg/nut-reader.ts';
import { type RunStatus, RunSupervisor, type RunTrouble } from '../ffmpeg/run-supervisor.ts';
import type { AccessUnit } from '../media/access-unit.ts';
import { parameterSetsIn, profileLevelIdOf } from '../media/h264.ts';
import type { MediaClock } from '../media/media-clock.ts';
import type { CameraSource } from '../sources/camera-source.ts';
import { CameraError } from './camera-error.ts';
import { CameraRun, type CameraRunOptions } from './camera-run.ts';
import { capturedAtMs } from './capture-stamp.ts';
import { plannedProfileLevelId } from './encoder.ts';
import type { VideoEncoder } from './encoder-finder.ts';
import { buildPassOneCommand } from './filter-commands.ts';
import { FirstFramePatience } from './first-frame-patience.ts';
import { gateNameOf, type OutputName, snapshotName } from './outputs.ts';
import { watchPath } from './path-watch.ts';
import { RenditionGates } from './rendition-gates.ts';
import { buildRenditions, type Rendition, type RenditionName } from './renditions.ts';
import { SnapshotRequests } from './snapshot-requests.ts';
import { checkSource } from './source-check.ts';

export interface CameraOptions
  extends Pick<
    CameraRunOptions,
    'id' | 'source' | 'video' | 'isPassthrough' | 'runtimeDir' | 'rpicamPrograms' | 'logger'
  > {
  /** For people. */
  name: string;
  encoders: EncoderSource;
  clock: MediaClock;
  /** How long ffmpeg goes on after the last holder has left, in milliseconds; 10 s by default. */
  lingerMs?: number;
  /** Gets every frame of the renditions that somebody holds, at once, of each from a keyframe on; the last one held lingers too. */
  onAccessUnit: (unit: AccessUnit, renditionName: RenditionName) => void;
}

/** Where the camera gets ffmpeg and encoder from, each time that it starts (`EncoderFinder`). */
export interface EncoderSource {
  /** What is known by now. */
  readonly current: VideoEncoder | null;
  /** @throws FfmpegError when there is none: the camera is missing, and asks again */
  find(signal: AbortSignal): Promise<VideoEncoder>;
  /** It has not encoded anything just now. */
  doubt(): void;
}

/** Whether pictures come, and why not. */
export type CameraStatus = RunStatus;

const defaultLingerMs = 10_000;
const snapshotTimeoutMs = 5_000;
/** What nearly every ffmpeg has. */
const likelyEncoder = { encoder: 'libx264', hasVp8: true } as const;

/**
 * One camera: keeps ffmpeg running while somebody holds it ({@link RunSupervisor}; {@link CameraRun} is one life of it), encodes just the
 * renditions that somebody holds, and controls ffmpeg at run time.
 */
export class Camera {
  readonly id: string;
  private readonly options: CameraOptions;
  private shown: Pick<CameraOptions, 'source' | 'name'>;
  private readonly supervisor: RunSupervisor;
  private readonly snapshots: SnapshotRequests;
  private readonly gates: RenditionGates;
  private readonly patience = new FirstFramePatience();
  private ladder: { of: Pick<VideoEncoder, 'encoder' | 'hasVp8'>; renditions: readonly Rendition[] };
  private run: CameraRun | null = null;
  private lastProfileLevelId: string;

  constructor(options: CameraOptions) {
    const { video } = options;
    this.id = options.id;
    this.options = options;
    this.shown = options;
    this.ladder = this.buildLadder(likelyEncoder);
    this.lastProfileLevelId = plannedProfileLevelId(video);
    this.supervisor = new RunSupervisor({
      run: (signal) => this.runOnce(signal),
      lingerMs: options.lingerMs ?? defaultLingerMs,
    });
    this.supervisor.onStatus((status) => {
      options.logger.info({ camera: options.id, ...status }, `camera ${status.state}`);
    });
    const send = (command: string) => this.run?.send(command) ?? false;
    this.gates = new RenditionGates({ renditions: this.ladder.renditions, send });
    this.snapshots = new SnapshotRequests({
      sendCommand: () => send(buildPassOneCommand(gateNameOf(snapshotName))),
      timeoutMs: snapshotTimeoutMs,
    });
  }

  get name(): string {
    return this.shown.name;
  }

  /** What can be held with {@link acquireRendition}: a guess until the encoder is known, and of that only VP8 can be wrong. */
  get renditions(): readonly Rendition[] {
    const known = this.options.encoders.current;
    if (known !== null && known !== this.ladder.of) this.ladder = this.buildLadder(known);
    return this.ladder.renditions;
  }

  get status(): CameraStatus {
    return this.supervisor.status;
  }

  /** Its status; where nobody wants it, and nothing is known of it therefore, whether it is there is looked at now. */
  async look(): Promise<CameraStatus> {
    const { status } = this;
    if (status.state !== 'idle') return status;
    const check = await checkSource(this.shown.source);
    return check.present ? status : { state: 'missing', reason: check.reason };
  }

  /** Null while it is supervised as it should be, whether it is live or not; else what is wrong. */
  problem(): string | null {
    const problem = this.supervisor.problem();
    return problem && `camera ${this.id}: ${problem}`;
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
    return this.supervisor.onStatus(listener);
  }

  /** Keeps the camera running, with no rendition, until the lease is released. @throws CameraError `camera-stopped` */
  acquire(): Lease {
    if (this.status.state === 'stopped') throw CameraError.stopped();
    return this.supervisor.acquire();
  }

  /**
   * Keeps the camera running and one rendition coming, from a keyframe on, until the lease is released.
   *
   * @throws CameraError `camera-stopped`, `no-such-rendition`
   */
  acquireRendition(name: RenditionName): Lease {
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
      const explain = () => this.status.reason ?? `the camera is ${this.status.state}`;
      return { jpeg: await this.snapshots.take(explain, signal) };
    } finally {
      lease.release();
    }
  }

  /** Shows another source from now on, with the same settings. Whoever holds the camera gets its pictures after those of the old one. */
  replaceSource(source: CameraSource, name: string): void {
    this.shown = { source, name };
    this.run?.end('another camera takes its place');
  }

  /** Ends it for good, whoever holds it. Resolves when nothing of it is left. */
  async stop(): Promise<void> {
    const stopped = this.supervisor.stop();
    this.snapshots.rejectAll(CameraError.stopped());
    await stopped;
  }

  private async runOnce(signal: AbortSignal): Promise<RunTrouble> {
    const { ffmpeg, encoder } = await this.options.encoders.find(signal);
    const run = new CameraRun({
      ...this.options,
      source: this.shown.source,
      ffmpeg,
      encoder,
      renditions: this.renditions,
      watchPath,
      firstFrameTimeoutMs: this.patience.timeoutMs,
      onSilentStart: () => this.patience.handleSilence(),
      onNothingEncoded: () => this.options.encoders.doubt(),
      openGates: () => this.gates.handleStart(),
      onPacket: (outputName, packet) => {
        if (!signal.aborted) this.handlePacket(outputName, packet);
      },
      onTrouble: (trouble) => {
        if (!signal.aborted) this.supervisor.handleTrouble(trouble);
      },
    });
    this.run = run;
    try {
      return await run.run(signal);
    } finally {
      this.run = null;
      this.gates.handleRunEnd();
      this.snapshots.handleRunEnd();
    }
  }

  private handlePacket(outputName: OutputName, packet: NutPacket): void {
    if (outputName === snapshotName) {
      this.snapshots.handleJpeg(packet.data);
      return;
    }
    this.deliver(outputName, packet);
    this.patience.handleFrame();
    if (this.status.state === 'live') return;
    this.supervisor.handleWorking();
    this.gates.handleReady();
    this.snapshots.handleReady();
  }

  private buildLadder(of: Pick<VideoEncoder, 'encoder' | 'hasVp8'>) {
    const { video, isPassthrough } = this.options;
    const { encoder, hasVp8 } = of;
    return { of, renditions: buildRenditions({ video, encoder, hasVp8, isPassthrough }) };
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
}
