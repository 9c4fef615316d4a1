import { type FfmpegExit, type FfmpegJob, type FfmpegProcess, spawnFfmpeg } from './ffmpeg.ts';

export interface FfmpegOutcome {
  exit: FfmpegExit;
  /** Whether it was made to end. */
  wasAborted: boolean;
}

/**
 * Runs one ffmpeg until it ends by itself or `signal` is aborted; then `end` ends it. When it resolves the process is gone.
 *
 * @param options.onStarted gets the process once there is one
 */
export async function runFfmpeg(
  job: FfmpegJob,
  options: {
    signal: AbortSignal;
    onStarted?: (ffmpeg: FfmpegProcess) => void;
    end: (ffmpeg: FfmpegProcess) => Promise<FfmpegExit>;
  },
): Promise<FfmpegOutcome> {
  const { signal, onStarted, end } = options;
  const ffmpeg = await spawnFfmpeg(job);
  onStarted?.(ffmpeg);
  const aborted = new Promise<null>((resolve) => {
    if (signal.aborted) resolve(null);
    signal.addEventListener('abort', () => resolve(null), { once: true });
  });
  const exit = await Promise.race([ffmpeg.exited, aborted]);
  return exit === null ? { exit: await end(ffmpeg), wasAborted: true } : { exit, wasAborted: false };
}

/** Why an ffmpeg ended, for people. It did not end by itself when its exit has no code. */
export function causeOf({ code, signal, problems }: FfmpegExit): string {
  if (signal !== null) return `ffmpeg was ended by ${signal}`;
  const line = mostTelling(problems);
  if (code === null) return `ffmpeg cannot be run: ${line}`;
  return line ?? `ffmpeg ended with code ${code}`;
}

/** From the library of a device, or that a playlist has an entry: the cause is in another line. */
const sideNote = /^ALSA lib |\] Impossible to open '/;

/**
 * The line that says most among what an ffmpeg said before it ended: the first one of its own, since those after it only repeat
 * that there was an error.
 */
export function mostTelling(problems: readonly string[]): string | undefined {
  const line = problems.find((problem) => !sideNote.test(problem)) ?? problems.at(-1);
  return line?.replace(/^\[[^\]]*\] /, '');
}
