import type { FfmpegProgram } from '../ffmpeg/find-ffmpeg.ts';
import type { Lease } from '../ffmpeg/lease.ts';
import type { NutPacket } from '../ffmpeg/nut-reader.ts';
import { type RunStatus, RunSupervisor } from '../ffmpeg/run-supervisor.ts';
import type { AccessUnit } from '../media/access-unit.ts';
import type { MediaClock } from '../media/media-clock.ts';
import { AudioCaptureRun, type AudioCaptureRunOptions } from './audio-capture-run.ts';
import { CaptureTimeline } from './capture-timeline.ts';
import { opusFrameMs } from './opus-encoding.ts';

export interface AudioCaptureOptions extends Omit<AudioCaptureRunOptions, 'onPacket' | 'ffmpeg'> {
  /** Asked at each start. @throws FfmpegError when there is none: sound is missing, and it is asked again */
  findFfmpeg: (signal: AbortSignal) => Promise<FfmpegProgram>;
  clock: MediaClock;
  /** How long ffmpeg goes on after the last holder has left, in milliseconds; 10 s by default. */
  lingerMs?: number;
  /**
   * Gets every Opus packet at once: 20 ms each, every one a keyframe, `capturedAtMs` in whole milliseconds and steps of 20 (more
   * where sound is missing), so that 48 ticks for each make an even RTP timeline.
   */
  onAccessUnit: (unit: AccessUnit) => void;
}

const defaultLingerMs = 10_000;
/** A stamp that is older than this is a jump of the wall clock. */
const oldestStampMs = 2_000;
const ticksPerMs90k = 90;

/** The sound of the device: one encoder for all listeners, which runs while somebody holds it. */
export class AudioCapture {
  private readonly options: AudioCaptureOptions;
  private readonly supervisor: RunSupervisor;
  private readonly timeline = new CaptureTimeline(opusFrameMs);

  constructor(options: AudioCaptureOptions) {
    this.options = options;
    this.supervisor = new RunSupervisor({
      run: (signal) => this.runOnce(signal),
      lingerMs: options.lingerMs ?? defaultLingerMs,
    });
    this.supervisor.onStatus((status) => options.logger.info({ ...status }, `sound ${status.state}`));
  }

  get status(): RunStatus {
    return this.supervisor.status;
  }

  /** Tells every change. @returns a function that ends it */
  onStatus(listener: (status: RunStatus) => void): () => void {
    return this.supervisor.onStatus(listener);
  }

  /** Keeps the capture running until the lease is released. After `stop` a lease holds nothing. */
  acquire(): Lease {
    return this.supervisor.acquire();
  }

  /** Ends it for good, whoever holds it. Resolves when nothing of it is left. */
  stop(): Promise<void> {
    return this.supervisor.stop();
  }

  private async runOnce(signal: AbortSignal) {
    const ffmpeg = await this.options.findFfmpeg(signal);
    this.timeline.handleRestart();
    const run = new AudioCaptureRun({
      ...this.options,
      ffmpeg,
      onPacket: (packet) => {
        if (!signal.aborted) this.handlePacket(packet);
      },
    });
    return run.run(signal);
  }

  private handlePacket({ data, ptsTicks90k }: NutPacket): void {
    const { clock, onAccessUnit } = this.options;
    const arrivedAtMs = clock.nowMs();
    const ageMs = clock.wallClockMs() - ptsTicks90k / ticksPerMs90k;
    const stampedAtMs = arrivedAtMs - Math.min(Math.max(ageMs, 0), oldestStampMs);
    const capturedAtMs = this.timeline.place(stampedAtMs, arrivedAtMs);
    if (capturedAtMs === null) return;
    this.supervisor.handleWorking();
    onAccessUnit({ data, ptsTicks90k: capturedAtMs * ticksPerMs90k, isKeyframe: true, capturedAtMs, arrivedAtMs });
  }
}
