import { join } from 'node:path';
import { closeAll } from '../ffmpeg/close-all.ts';
import type { FfmpegExit, FfmpegProcess } from '../ffmpeg/ffmpeg.ts';
import type { NutPacket } from '../ffmpeg/nut-reader.ts';
import { OutputSocket } from '../ffmpeg/output-socket.ts';
import { causeOf, runFfmpeg } from '../ffmpeg/run-ffmpeg.ts';
import type { RunTrouble } from '../ffmpeg/run-supervisor.ts';
import { Watchdog } from '../ffmpeg/watchdog.ts';
import { describeSource } from '../sources/camera-source.ts';
import { type CameraInput, type CameraInputOptions, openCameraInput } from './camera-input.ts';
import type { EncoderName } from './encoder.ts';
import { FilterCommandQueue } from './filter-command-queue.ts';
import type { Logger } from './logger.ts';
import { buildOutputs, type OutputName, snapshotName } from './outputs.ts';
import type { WatchPath } from './path-watch.ts';
import type { Rendition, RenditionName } from './renditions.ts';
import { checkSource, type PresentSource, waitForSource, waitUntilUnplugged } from './source-check.ts';

export interface CameraRunOptions extends CameraInputOptions {
  renditions: readonly Rendition[];
  encoder: EncoderName;
  logger: Logger;
  watchPath: WatchPath;
  /** For as long ffmpeg may be silent from its start on, in milliseconds. */
  firstFrameTimeoutMs: number;
  /** It was, and is being ended for it. */
  onSilentStart: () => void;
  /** ffmpeg has opened the source and has failed before there was a picture, as it does when the encoder is gone. */
  onNothingEncoded: () => void;
  /** Asked once, when ffmpeg starts: the gates that are open from the first frame on. */
  openGates: () => ReadonlySet<RenditionName>;
  onPacket: (outputName: OutputName, packet: NutPacket) => void;
  /** There is nothing to show just now; the run goes on, or takes a while to end. */
  onTrouble: (trouble: RunTrouble) => void;
}

/** Silence is to be known within 5 s. */
const frameTimeoutMs = 4_500;
const stalledGraceMs = 2_000;
// Nothing is lost by the kill: frames are in flight at most, and the kernel closes devices.
const unwantedGraceMs = 500;

const unwanted: RunTrouble = { event: 'failed', reason: 'no longer wanted' };

/** One life of ffmpeg with its sockets, from the moment that its source is there. Made anew for each. */
export class CameraRun {
  private readonly options: CameraRunOptions;
  private readonly watchdog: Watchdog;
  private readonly commands = new FilterCommandQueue({ send: (command) => this.ffmpeg?.sendLine(command) ?? false });
  /** Aborted when this run is over, however it ends. */
  private readonly over = new AbortController();
  /** Why it cannot go on, once that is known. */
  private trouble: RunTrouble | null = null;
  private ffmpeg: FfmpegProcess | null = null;
  private isLiveFile = false;
  private isConnected = false;
  private hasPicture = false;
  private sourceWatch: Promise<void> = Promise.resolve();

  constructor(options: CameraRunOptions) {
    this.options = options;
    this.watchdog = new Watchdog({
      firstTimeoutMs: options.firstFrameTimeoutMs,
      timeoutMs: frameTimeoutMs,
      onSilence: (timeoutMs) => this.handleSilence(timeoutMs),
    });
  }

  /** Gives ffmpeg a command (`filter-commands.ts`), in its turn. @returns false when there is no ffmpeg */
  send(command: string): boolean {
    if (this.ffmpeg === null) return false;
    this.commands.put(command);
    return true;
  }

  /**
   * Waits for the source, then runs until ffmpeg ends, stalls or loses the source, or until `signal` is aborted. When it is over,
   * processes, sockets, files, watches and timers are gone.
   *
   * @throws what the system says where it does not take, or take away, a socket or a file
   */
  async run(signal: AbortSignal): Promise<RunTrouble> {
    const sockets = this.buildSockets();
    let input: CameraInput | null = null;
    try {
      const source = await this.waitForSource(signal);
      if (source === null) return unwanted;
      this.isLiveFile = source.isLiveFile;
      const opened = await openCameraInput({ ...this.options, isLiveFile: source.isLiveFile });
      if (!opened.ok) return { event: 'missing', reason: opened.error };
      input = opened.value;
      // One after the other, so that none is still being opened when another fails.
      for (const socket of sockets.values()) await socket.open();
      return await this.runFfmpeg(input, sockets, signal);
    } finally {
      this.watchdog.stop();
      this.commands.close();
      this.over.abort();
      await this.sourceWatch;
      await closeAll([...sockets.values(), ...(input === null ? [] : [input])]);
    }
  }

  /** Ends it early; it counts as failed, so that another one follows. @param reason for people */
  end(reason: string): void {
    this.giveUp({ event: 'failed', reason });
  }

  private waitForSource(signal: AbortSignal): Promise<PresentSource | null> {
    const { source, watchPath, onTrouble } = this.options;
    const onMissing = (reason: string) => onTrouble({ event: 'missing', reason });
    return waitForSource(source, { signal, watchPath, onMissing });
  }

  private async runFfmpeg(
    input: CameraInput,
    sockets: Map<OutputName, OutputSocket>,
    signal: AbortSignal,
  ): Promise<RunTrouble> {
    this.watchSource(input);
    const outcome = await runFfmpeg(this.buildJob(input, sockets), {
      signal: AbortSignal.any([signal, this.over.signal]),
      onStarted: (ffmpeg) => this.begin(ffmpeg),
      end: (ffmpeg) => {
        this.ffmpeg = null;
        return ffmpeg.terminate(this.graceMs(signal.aborted));
      },
    });
    this.ffmpeg = null;
    if (outcome.wasAborted) return this.trouble ?? unwanted;
    return (await this.findLoss()) ?? this.explainExit(outcome.exit);
  }

  private begin(ffmpeg: FfmpegProcess): void {
    this.ffmpeg = ffmpeg;
    if (this.isLiveFile) {
      const reason = `waiting for somebody to write to ${describeSource(this.options.source)}`;
      this.options.onTrouble({ event: 'missing', reason });
    } else {
      this.watchdog.start();
    }
  }

  private buildJob({ input }: CameraInput, sockets: Map<OutputName, OutputSocket>) {
    const { video, ffmpeg, encoder, renditions, logger } = this.options;
    const openGates = this.options.openGates();
    return {
      program: ffmpeg.path,
      input,
      outputs: buildOutputs({
        renditions,
        encoder,
        video,
        isLiveFile: this.isLiveFile,
        isOpen: (name) => openGates.has(name),
        targetOf: (name) => sockets.get(name)?.target ?? '',
      }),
      onProblem: (line: string) => logger.debug({ line }, 'ffmpeg reports a problem'),
    };
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
        if (outputName !== snapshotName) {
          this.hasPicture = true;
          this.watchdog.feed();
        }
        this.options.onPacket(outputName, packet);
      },
      onError: (error) => this.giveUp({ event: 'failed', reason: `output ${outputName}: ${error.message}` }),
    });
  }

  /** ffmpeg need not notice that a device is gone, or that nobody feeds it any more. */
  private watchSource(input: CameraInput): void {
    const { source, watchPath } = this.options;
    const giveUp = (reason: string | null) => {
      if (reason !== null) this.giveUp({ event: 'missing', reason });
    };
    this.sourceWatch = waitUntilUnplugged(source, { signal: this.over.signal, watchPath }).then(giveUp);
    void input.feederEnded?.then((reason) => giveUp(`${describeSource(source)} gives no picture: ${reason}`));
  }

  /** What became of the source, which may have been the reason why ffmpeg ended; null when it is there. */
  private async findLoss(): Promise<RunTrouble | null> {
    const check = await checkSource(this.options.source);
    return check.present ? null : { event: 'missing', reason: check.reason };
  }

  private giveUp(trouble: RunTrouble): void {
    if (this.over.signal.aborted) return;
    this.trouble = trouble;
    this.options.onTrouble(trouble);
    this.over.abort();
  }

  private handleSilence(timeoutMs: number): void {
    const reason = `no frame from ${describeSource(this.options.source)} for ${timeoutMs / 1000} s`;
    // The writer of a live file may pause as long as it likes; ending ffmpeg would break its pipe.
    if (this.isLiveFile) {
      this.options.onTrouble({ event: 'missing', reason });
      return;
    }
    if (!this.hasPicture) this.options.onSilentStart();
    this.giveUp({ event: 'failed', reason });
  }

  private graceMs(isUnwanted: boolean): number {
    // While it opens its input (a FIFO without writer, for one) it does not act on SIGTERM.
    if (!this.isConnected) return 0;
    return isUnwanted ? unwantedGraceMs : stalledGraceMs;
  }

  private explainExit(exit: FfmpegExit): RunTrouble {
    const source = describeSource(this.options.source);
    const { code, signal, problems } = exit;
    if (code === 0 && this.isLiveFile) return { event: 'missing', reason: `the writer of ${source} has closed it` };
    if (problems.some((line) => line.includes('not supported by the bitstream filter'))) {
      return { event: 'missing', reason: `${source} is not H.264 and cannot be passed through` };
    }
    const reason = causeOf(exit);
    // ffmpeg opens its outputs only once the input is open.
    const hasNotOpened = !this.isConnected && code !== null && signal === null;
    if (!hasNotOpened && !this.hasPicture && signal === null) this.options.onNothingEncoded();
    return hasNotOpened
      ? { event: 'missing', reason: `${source} cannot be opened: ${reason}` }
      : { event: 'failed', reason };
  }
}
