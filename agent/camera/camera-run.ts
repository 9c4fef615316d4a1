import { join } from 'node:path';
import { type FfmpegExit, type FfmpegProcess, spawnFfmpeg } from '../ffmpeg/ffmpeg.ts';
import type { NutPacket } from '../ffmpeg/nut-reader.ts';
import { OutputSocket } from '../ffmpeg/output-socket.ts';
import { type CameraInput, type CameraInputOptions, openCameraInput } from './camera-input.ts';
import { describeSource } from './camera-source.ts';
import type { CameraEvent } from './camera-state.ts';
import type { EncoderName } from './encoder.ts';
import type { Logger } from './logger.ts';
import { buildOutputs, type OutputName, snapshotName } from './outputs.ts';
import type { Rendition, RenditionName } from './renditions.ts';

export interface CameraRunOptions extends CameraInputOptions {
  renditions: readonly Rendition[];
  encoder: EncoderName;
  logger: Logger;
  /** Asked once, when ffmpeg starts: the gates that are open from the first frame on. */
  openGates: () => ReadonlySet<RenditionName>;
  onPacket: (outputName: OutputName, packet: NutPacket) => void;
  /** A live file has nothing to show just now; the run goes on. */
  onWaiting: (reason: string) => void;
  /** No frames come any more; the run ends, which may take a while. */
  onStalled: (reason: string) => void;
}

/** How a run ended: an event for the state table and a reason for people. */
export interface CameraRunEnd {
  event: Extract<CameraEvent, 'failed' | 'source-missing'>;
  reason: string;
}

type PresentInput = Extract<CameraInput, { present: true }>;

// Opening a network stream takes seconds, and so does everything on a small device that is booting.
const firstFrameTimeoutMs = 10_000;
/** Silence is to be known within 5 s. */
const frameTimeoutMs = 4_500;
const stalledGraceMs = 2_000;
// Nothing is lost by the kill: frames are in flight at most, and the kernel closes devices.
const unwantedGraceMs = 500;

/** One life of ffmpeg with its sockets. Made anew for each. */
export class CameraRun {
  private readonly options: CameraRunOptions;
  private ffmpeg: FfmpegProcess | null = null;
  private isLiveFile = false;
  private isConnected = false;
  private watchdog: NodeJS.Timeout | null = null;
  private firstFrameSeenAtMs: number | null = null;
  private finish: (end: CameraRunEnd) => void = () => {};

  constructor(options: CameraRunOptions) {
    this.options = options;
  }

  /** When the first frame came, on the monotonic clock; null before. */
  get firstFrameAtMs(): number | null {
    return this.firstFrameSeenAtMs;
  }

  /** Gives ffmpeg a command (`filter-commands.ts`). @returns false when it does not take one now */
  send(command: string): boolean {
    return this.ffmpeg?.sendLine(command) ?? false;
  }

  /**
   * Runs until ffmpeg ends, stalls or `signal` is aborted. Never rejects. When it resolves, process, sockets, files and timers are gone.
   */
  async run(signal: AbortSignal): Promise<CameraRunEnd> {
    const sockets = this.buildSockets();
    let input: CameraInput | null = null;
    try {
      input = await openCameraInput(this.options);
      if (!input.present) return { event: 'source-missing', reason: input.reason };
      await Promise.all([...sockets.values()].map((socket) => socket.open()));
      return await this.runFfmpeg(input, sockets, signal);
    } catch (error) {
      return { event: 'failed', reason: error instanceof Error ? error.message : String(error) };
    } finally {
      if (this.watchdog !== null) clearTimeout(this.watchdog);
      await Promise.all([...sockets.values()].map((socket) => socket.close()));
      if (input?.present) await input.close();
    }
  }

  private async runFfmpeg(
    input: PresentInput,
    sockets: Map<OutputName, OutputSocket>,
    signal: AbortSignal,
  ): Promise<CameraRunEnd> {
    const ended = new Promise<CameraRunEnd>((resolve) => {
      this.finish = resolve;
    });
    this.isLiveFile = input.isLiveFile;
    const ffmpeg = await this.spawn(input, sockets);
    this.ffmpeg = ffmpeg;
    const handleAbort = () => this.finish({ event: 'failed', reason: 'no longer wanted' });
    if (signal.aborted) handleAbort();
    signal.addEventListener('abort', handleAbort);
    void ffmpeg.exited.then((exit) => this.finish(this.explainExit(exit)));
    if (this.isLiveFile) {
      this.options.onWaiting(`waiting for somebody to write to ${describeSource(this.options.source)}`);
    } else {
      this.watchdog = setTimeout(() => this.handleSilence(firstFrameTimeoutMs), firstFrameTimeoutMs);
    }
    try {
      return await ended;
    } finally {
      signal.removeEventListener('abort', handleAbort);
      this.ffmpeg = null;
      await ffmpeg.terminate(this.graceMs(signal.aborted));
    }
  }

  private spawn({ input, isLiveFile }: PresentInput, sockets: Map<OutputName, OutputSocket>): Promise<FfmpegProcess> {
    const { video, ffmpeg, encoder, renditions, logger } = this.options;
    const openGates = this.options.openGates();
    return spawnFfmpeg({
      program: ffmpeg.path,
      input,
      outputs: buildOutputs({
        renditions,
        encoder,
        video,
        isLiveFile,
        isOpen: (name) => openGates.has(name),
        targetOf: (name) => sockets.get(name)?.target ?? '',
      }),
      onProblem: (line) => logger.debug({ line }, 'ffmpeg reports a problem'),
    });
  }

  private buildSockets(): Map<OutputName, OutputSocket> {
    const names = [...this.options.renditions.map((rendition) => rendition.name), snapshotName] as const;
    return new Map(names.map((name) => [name, this.buildSocket(name)]));
  }

  private buildSocket(outputName: OutputName): OutputSocket {
    return new OutputSocket({
      path: join(this.options.runtimeDir, `${this.options.id}-${outputName}.sock`),
      onConnected: () => {
        this.isConnected = true;
      },
      onPacket: (packet) => {
        if (this.ffmpeg === null) return; // the last words of one that is being ended
        if (outputName !== snapshotName) this.feedWatchdog();
        this.options.onPacket(outputName, packet);
      },
      onError: (error) => this.finish({ event: 'failed', reason: `output ${outputName}: ${error.message}` }),
    });
  }

  private feedWatchdog(): void {
    if (this.firstFrameSeenAtMs !== null) {
      this.watchdog?.refresh();
      return;
    }
    this.firstFrameSeenAtMs = performance.now();
    if (this.watchdog !== null) clearTimeout(this.watchdog);
    this.watchdog = setTimeout(() => this.handleSilence(frameTimeoutMs), frameTimeoutMs);
  }

  private handleSilence(timeoutMs: number): void {
    const reason = `no frame from ${describeSource(this.options.source)} for ${timeoutMs / 1000} s`;
    // The writer of a live file may pause as long as it likes; ending ffmpeg would break its pipe.
    if (this.isLiveFile) {
      this.options.onWaiting(reason);
      return;
    }
    this.options.onStalled(reason);
    this.finish({ event: 'failed', reason });
  }

  private graceMs(isUnwanted: boolean): number {
    if (!isUnwanted) return stalledGraceMs;
    // While it opens its input (a FIFO without writer, for one) it does not act on SIGTERM.
    return this.isConnected ? unwantedGraceMs : 0;
  }

  private explainExit({ code, signal, problems }: FfmpegExit): CameraRunEnd {
    const source = describeSource(this.options.source);
    if (signal !== null) return { event: 'failed', reason: `ffmpeg was ended by ${signal}` };
    if (code === 0 && this.isLiveFile)
      return { event: 'source-missing', reason: `the writer of ${source} has closed it` };
    if (problems.some((line) => line.includes('not supported by the bitstream filter'))) {
      return { event: 'source-missing', reason: `${source} is not H.264 and cannot be passed through` };
    }
    const problem = problems.at(-1) ?? `ffmpeg ended with code ${code}`;
    if (code === null) return { event: 'failed', reason: `ffmpeg cannot be run: ${problem}` };
    // ffmpeg opens its outputs only once the input is open.
    if (!this.isConnected) return { event: 'source-missing', reason: `${source} cannot be opened: ${problem}` };
    return { event: 'failed', reason: problem };
  }
}
