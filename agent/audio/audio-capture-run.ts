import { join } from 'node:path';
import type { FfmpegInput } from '../ffmpeg/ffmpeg.ts';
import type { FfmpegProgram } from '../ffmpeg/find-ffmpeg.ts';
import type { NutPacket } from '../ffmpeg/nut-reader.ts';
import type { OpenInput } from '../ffmpeg/open-input.ts';
import { OutputSocket } from '../ffmpeg/output-socket.ts';
import { causeOf, type FfmpegOutcome, runFfmpeg } from '../ffmpeg/run-ffmpeg.ts';
import type { RunTrouble } from '../ffmpeg/run-supervisor.ts';
import { Watchdog } from '../ffmpeg/watchdog.ts';
import { openAudioInput } from './audio-input.ts';
import { type AudioSource, describeAudioSource } from './audio-source.ts';
import type { Logger } from './logger.ts';
import { type AudioEncoding, buildOpusOutput } from './opus-encoding.ts';

export interface AudioCaptureRunOptions {
  source: AudioSource;
  encoding: AudioEncoding;
  ffmpeg: FfmpegProgram;
  /** Folder for the socket; exists, and nobody else can write in it. */
  runtimeDir: string;
  logger: Logger;
  onPacket: (packet: NutPacket) => void;
}

// Opening a network stream takes seconds, and so does everything on a small device that is booting.
const firstPacketTimeoutMs = 10_000;
const packetTimeoutMs = 5_000;
const stalledGraceMs = 2_000;
const unwantedGraceMs = 500;

/** One life of the ffmpeg that captures sound. Made anew for each. */
export class AudioCaptureRun {
  private readonly options: AudioCaptureRunOptions;
  /** Aborted, with a reason for people, when this run cannot go on. */
  private readonly giveUp = new AbortController();
  private readonly watchdog = new Watchdog({
    firstTimeoutMs: firstPacketTimeoutMs,
    timeoutMs: packetTimeoutMs,
    onSilence: (timeoutMs) => this.handleSilence(timeoutMs),
  });
  private isConnected = false;

  constructor(options: AudioCaptureRunOptions) {
    this.options = options;
  }

  /** Runs until ffmpeg ends or stalls, or `signal` is aborted. Never rejects. When it resolves, nothing of it is left. */
  async run(signal: AbortSignal): Promise<RunTrouble> {
    const socket = this.buildSocket();
    let input: OpenInput | null = null;
    try {
      input = await openAudioInput(this.options);
      await socket.open();
      return this.explain(await this.runFfmpeg(input.input, socket.target, signal));
    } catch (error) {
      return { event: 'failed', reason: error instanceof Error ? error.message : String(error) };
    } finally {
      this.watchdog.stop();
      await socket.close();
      await input?.close();
    }
  }

  private runFfmpeg(input: FfmpegInput, target: string, signal: AbortSignal): Promise<FfmpegOutcome> {
    const { encoding, ffmpeg, logger } = this.options;
    this.watchdog.start();
    return runFfmpeg(
      {
        program: ffmpeg.path,
        input,
        outputs: [buildOpusOutput(encoding, target)],
        onProblem: (line) => logger.debug({ line }, 'ffmpeg reports a problem with sound'),
      },
      {
        signal: AbortSignal.any([signal, this.giveUp.signal]),
        end: (process) => process.terminate(this.graceMs(signal.aborted)),
      },
    );
  }

  private buildSocket(): OutputSocket {
    return new OutputSocket({
      path: join(this.options.runtimeDir, 'audio.sock'),
      onConnected: () => {
        this.isConnected = true;
      },
      onPacket: (packet) => {
        this.watchdog.feed();
        this.options.onPacket(packet);
      },
      onError: (error) => this.giveUp.abort(error.message),
    });
  }

  private handleSilence(timeoutMs: number): void {
    this.giveUp.abort(`no sound from ${describeAudioSource(this.options.source)} for ${timeoutMs / 1000} s`);
  }

  private graceMs(isUnwanted: boolean): number {
    if (!isUnwanted) return stalledGraceMs;
    // While it opens its input it does not act on SIGTERM.
    return this.isConnected ? unwantedGraceMs : 0;
  }

  private explain({ exit, wasAborted }: FfmpegOutcome): RunTrouble {
    if (wasAborted) return { event: 'failed', reason: String(this.giveUp.signal.reason) };
    const cause = causeOf(exit);
    if (exit.code === null) return { event: 'failed', reason: cause };
    const source = describeAudioSource(this.options.source);
    // ffmpeg opens its output only once the input is open.
    return this.isConnected
      ? { event: 'failed', reason: `${source} ended: ${cause}` }
      : { event: 'missing', reason: `${source} cannot be opened: ${cause}` };
  }
}
