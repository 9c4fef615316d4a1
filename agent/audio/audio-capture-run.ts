import { join } from 'node:path';
import { closeAll } from '../ffmpeg/close-all.ts';
import type { FfmpegInput } from '../ffmpeg/ffmpeg.ts';
import type { FfmpegProgram } from '../ffmpeg/find-ffmpeg.ts';
import type { NutPacket } from '../ffmpeg/nut-reader.ts';
import type { OpenInput } from '../ffmpeg/open-input.ts';
import { OutputSocket } from '../ffmpeg/output-socket.ts';
import { causeOf, type FfmpegOutcome, runFfmpeg } from '../ffmpeg/run-ffmpeg.ts';
import type { RunTrouble } from '../ffmpeg/run-supervisor.ts';
import { Watchdog } from '../ffmpeg/watchdog.ts';
import { type AudioSource, describeAudioSource } from '../sources/audio-source.ts';
import { openAudioInput } from './audio-input.ts';
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

  /**
   * Runs until ffmpeg ends or stalls, or `signal` is aborted. When it is over, nothing of it is left.
   *
   * @throws what the system says where it does not take, or take away, a socket or a file
   */
  async run(signal: AbortSignal): Promise<RunTrouble> {
    const socket = this.buildSocket();
    let input: OpenInput | null = null;
    try {
      input = await openAudioInput(this.options);
      await socket.open();
      return this.explain(await this.runFfmpeg(input.input, socket.target, signal));
    } finally {
      this.watchdog.stop();
      await closeAll([socket, ...(input === null ? [] : [input])]);
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
