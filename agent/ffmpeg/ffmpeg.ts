import type { ChildProcess } from 'node:child_process';
import createCommand, { type FfmpegCommand } from 'fluent-ffmpeg';
import { problemIn } from './ffmpeg-stderr.ts';
import { parseOutTimeMs } from './progress-report.ts';

export interface FfmpegInput {
  options: readonly string[];
  /** A path, URL or lavfi graph: what follows `-i`. */
  source: string;
}

export interface FfmpegOutput {
  options: readonly string[];
  target: string;
}

export interface FfmpegJob {
  /** Path of the program. */
  program: string;
  input: FfmpegInput;
  outputs: readonly FfmpegOutput[];
  /** A line of stderr that tells of a problem, without credentials. */
  onProblem?: (line: string) => void;
  /**
   * How much its outputs have taken, in milliseconds from the begin of the input; about every 50 ms while there is something
   * to do.
   */
  onProgress?: (outTimeMs: number) => void;
}

export interface FfmpegExit {
  code: number | null;
  signal: NodeJS.Signals | null;
  /** The last lines that told of a problem, oldest first. */
  problems: readonly string[];
}

/** The process, which the type package of fluent-ffmpeg leaves out. */
type Command = FfmpegCommand & { ffmpegProc?: ChildProcess };

// Since version 7 ffmpeg looks at its commands only when statistics are due, by default twice a second.
const globalOptions = ['-hide_banner', '-nostats', '-stats_period', '0.05', '-loglevel', 'error'];
const progressOptions = ['-progress', 'pipe:1'];
const problemsKept = 6;
/** Commands and packets of sound are small; more than this unread means that ffmpeg is stopped or stuck. */
const stdinMaxBytes = 8_192;

/** A running ffmpeg. Made by {@link spawnFfmpeg}. */
export class FfmpegProcess {
  /** Resolves when the process is gone; never rejects. */
  readonly exited: Promise<FfmpegExit>;
  private readonly child: ChildProcess;

  constructor(child: ChildProcess, exited: Promise<FfmpegExit>) {
    this.child = child;
    this.exited = exited;
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Writes a line on stdin, where ffmpeg takes commands. Never blocks. @returns false when the process does not take it */
  sendLine(line: string): boolean {
    return this.write(`${line}\n`);
  }

  /** Gives it a piece of its input, where that is `pipe:0`. Never blocks. @returns false when the process does not take it */
  write(input: Uint8Array | string): boolean {
    const { stdin } = this.child;
    if (stdin === null || !stdin.writable || stdin.writableLength > stdinMaxBytes) return false;
    stdin.write(input);
    return true;
  }

  /**
   * Ends the input `pipe:0` and lets the process finish what it has; terminates it when it is still there after `graceMs`.
   * Resolves when it is gone.
   */
  async finish(graceMs: number): Promise<FfmpegExit> {
    const timer = setTimeout(() => void this.terminate(graceMs), graceMs);
    this.child.stdin?.end();
    try {
      return await this.exited;
    } finally {
      clearTimeout(timer);
    }
  }

  /**
   * Ends the process: SIGTERM, and SIGKILL when it is still there after `graceMs` (one that waits inside a read does not act on
   * SIGTERM). With 0 it is killed at once. Resolves when it is gone.
   */
  async terminate(graceMs: number): Promise<FfmpegExit> {
    if (graceMs === 0) this.child.kill('SIGKILL');
    else {
      this.child.kill('SIGTERM');
      this.child.kill('SIGCONT'); // a stopped process acts on no other signal
    }
    const killTimer = setTimeout(() => this.child.kill('SIGKILL'), graceMs);
    try {
      return await this.exited;
    } finally {
      clearTimeout(killTimer);
    }
  }
}

/**
 * Starts ffmpeg without a shell. Resolves as soon as there is a process; one that cannot be run at all (no such program) ends
 * with `code` null and the reason in `problems`.
 */
export function spawnFfmpeg(job: FfmpegJob): Promise<FfmpegProcess> {
  const problems: string[] = [];
  const command = buildCommand(job);
  command.on('stderr', (stderrLine: string) => {
    const problem = problemIn(stderrLine);
    if (problem === null) return;
    problems.push(problem);
    if (problems.length > problemsKept) problems.shift();
    job.onProblem?.(problem);
  });
  return new Promise((resolve, reject) => {
    // Also said when the process ends in an error, which `exited` tells better; only before the start is it news.
    command.on('error', reject);
    command.on('start', () => {
      const child = command.ffmpegProc;
      if (child === undefined) {
        reject(new Error('fluent-ffmpeg announced a start without a process'));
        return;
      }
      if (job.onProgress) observeProgress(child, job.onProgress);
      resolve(new FfmpegProcess(child, observeExit(child, problems)));
    });
    command.run();
  });
}

function buildCommand(job: FfmpegJob): Command {
  const command: Command = createCommand({ stdoutLines: 1 });
  command.setFfmpegPath(job.program);
  Object.assign(command, {
    // fluent-ffmpeg asks ffmpeg for its formats and encoders before each start. It misreads the answer of version 7 ("Input format
    // lavfi is not available") and takes 0.2 s; the agent tests the encoder itself, once.
    _checkCapabilities: (done: () => void) => done(),
    availableEncoders: (done: (error: null, encoders: object) => void) => done(null, {}),
  });
  command.input(job.input.source);
  // As single arguments, because fluent-ffmpeg splits the strings of an array at spaces.
  command.inputOptions(...globalOptions, ...(job.onProgress ? progressOptions : []), ...job.input.options);
  for (const output of job.outputs) command.output(output.target).outputOptions(...output.options);
  return command;
}

function observeProgress(child: ChildProcess, onProgress: (outTimeMs: number) => void): void {
  // A report is written at once and is shorter than a pipe, so it arrives whole.
  child.stdout?.on('data', (report: Buffer) => {
    const outTimeMs = parseOutTimeMs(report.toString());
    if (outTimeMs !== null) onProgress(outTimeMs);
  });
}

function observeExit(child: ChildProcess, problems: string[]): Promise<FfmpegExit> {
  // ffmpeg may close its end at any time; that shows as its exit.
  child.stdin?.on('error', () => {});
  // The listener of fluent-ffmpeg throws when the program cannot be run.
  child.removeAllListeners('error');
  return new Promise((resolve) => {
    child.once('error', (error) => resolve({ code: null, signal: null, problems: [error.message] }));
    child.once('close', (code, signal) => resolve({ code, signal, problems }));
  });
}
