import { Buffer } from 'node:buffer';
import type { FfmpegProcess } from '../ffmpeg/ffmpeg.ts';
import type { FfmpegProgram } from '../ffmpeg/find-ffmpeg.ts';
import { causeOf, type FfmpegOutcome, mostTelling, runFfmpeg } from '../ffmpeg/run-ffmpeg.ts';
import type { RunTrouble } from '../ffmpeg/run-supervisor.ts';
import { describeTalkSink, type TalkSink } from '../sources/talk-sink.ts';
import type { Logger } from './logger.ts';
import { OggOpusWriter } from './ogg-opus-writer.ts';
import { buildTalkOutput } from './talk-output.ts';

export interface TalkRunOptions {
  sink: TalkSink;
  ffmpeg: FfmpegProgram;
  logger: Logger;
  /** The sink has taken sound. */
  onPlaying: () => void;
}

/** 20 ms of silence (CELT, full band). */
const silence = { packet: Buffer.of(0xf8, 0xff, 0xfe), durationMs: 20 };
/** Played first, so that the sink has something to go on with while a packet is late. */
const cushionPackets = 3;
/** More sound than this never waits for the sink, so what is heard is never older; the rest is dropped. */
const waitingMaxMs = 500;
/** The same while the sink is being opened: what waits there now stays in it as a delay. */
const waitingMaxMsAtStart = 160;
/** A sink that has sound waiting and takes none for this long is stuck. */
const stuckAfterMs = 3_000;
const openTimeoutMs = 5_000;
/** The same once ffmpeg has told of a problem: since version 7 it ends only when it gets more input. */
const openTimeoutMsAfterProblem = 500;
const finishGraceMs = 1_000;

/** One life of the ffmpeg that plays a voice. Made anew for each. */
export class TalkRun {
  private readonly options: TalkRunOptions;
  /** Aborted, with a reason for people, when this run cannot go on. */
  private readonly giveUp = new AbortController();
  private readonly writer = new OggOpusWriter();
  private ffmpeg: FfmpegProcess | null = null;
  private playedMs = 0;
  private advancedAtMs = 0;
  private openTimer: NodeJS.Timeout | null = null;

  constructor(options: TalkRunOptions) {
    this.options = options;
  }

  /** Sound that was given and that the sink has not taken yet, in milliseconds. It may be 50 ms less by now. */
  get waitingMs(): number {
    return Math.max(0, this.writer.durationMs - this.playedMs);
  }

  /** Runs until ffmpeg ends or its sink is stuck, or `signal` is aborted. */
  async run(signal: AbortSignal): Promise<RunTrouble> {
    const { sink, ffmpeg, logger } = this.options;
    try {
      const outcome = await runFfmpeg(
        {
          program: ffmpeg.path,
          // The header says everything, so nothing is held back for probing. The decoder is the one that knows a lost packet.
          input: {
            options: ['-probesize', '32', '-analyzeduration', '0', '-c:a', 'libopus', '-f', 'ogg'],
            source: 'pipe:0',
          },
          outputs: [buildTalkOutput(sink)],
          onProblem: (line) => {
            logger.debug({ line }, 'ffmpeg reports a problem with talk');
            if (this.playedMs === 0) this.limitOpening(openTimeoutMsAfterProblem);
          },
          onProgress: (outTimeMs) => this.handleProgress(outTimeMs),
        },
        {
          signal: AbortSignal.any([signal, this.giveUp.signal]),
          onStarted: (process) => this.begin(process),
          end: (process) => (signal.aborted ? process.finish(finishGraceMs) : process.terminate(finishGraceMs)),
        },
      );
      return this.explain(outcome);
    } finally {
      this.ffmpeg = null;
      this.clearOpenTimer();
    }
  }

  /** @returns whether it will be played; false when the sink is not there yet or does not keep up */
  write(packet: Buffer, durationMs: number): boolean {
    if (this.ffmpeg === null) return false;
    if (this.waitingMs + durationMs > (this.playedMs === 0 ? waitingMaxMsAtStart : waitingMaxMs)) {
      this.checkStuck();
      return false;
    }
    return this.ffmpeg.write(this.writer.buildPacket(packet, durationMs));
  }

  private begin(process: FfmpegProcess): void {
    this.ffmpeg = process;
    this.advancedAtMs = performance.now();
    this.limitOpening(openTimeoutMs);
    process.write(this.writer.buildHeaders());
    for (let index = 0; index < cushionPackets; index += 1) {
      process.write(this.writer.buildPacket(silence.packet, silence.durationMs));
    }
  }

  private handleProgress(outTimeMs: number): void {
    if (outTimeMs <= this.playedMs) return;
    this.clearOpenTimer();
    this.playedMs = outTimeMs;
    this.advancedAtMs = performance.now();
    this.options.onPlaying();
  }

  private checkStuck(): void {
    if (performance.now() - this.advancedAtMs < stuckAfterMs) return;
    this.giveUp.abort(`${describeTalkSink(this.options.sink)} takes no sound for ${stuckAfterMs / 1000} s`);
  }

  private limitOpening(timeoutMs: number): void {
    this.clearOpenTimer();
    this.openTimer = setTimeout(() => this.giveUp.abort(), timeoutMs);
  }

  private clearOpenTimer(): void {
    if (this.openTimer !== null) clearTimeout(this.openTimer);
    this.openTimer = null;
  }

  private explain({ exit, wasAborted }: FfmpegOutcome): RunTrouble {
    const sink = describeTalkSink(this.options.sink);
    const hasPlayed = this.playedMs > 0;
    if (wasAborted && hasPlayed) return { event: 'failed', reason: String(this.giveUp.signal.reason) };
    if (wasAborted) {
      return {
        event: 'missing',
        reason: `${sink} cannot be opened: ${mostTelling(exit.problems) ?? 'it takes no sound'}`,
      };
    }
    const cause = causeOf(exit);
    if (exit.code === null) return { event: 'failed', reason: cause };
    return hasPlayed
      ? { event: 'failed', reason: `${sink} ended: ${cause}` }
      : { event: 'missing', reason: `${sink} cannot be opened: ${cause}` };
  }
}
