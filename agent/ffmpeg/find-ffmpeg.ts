import { execFile } from 'node:child_process';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { FfmpegError } from './ffmpeg-error.ts';

export interface FfmpegVersion {
  major: number;
  minor: number;
}

/** An ffmpeg that was found and runs. */
export interface FfmpegProgram {
  path: string;
  version: FfmpegVersion;
}

const oldestVersion: FfmpegVersion = { major: 5, minor: 1 };
const versionTimeoutMs = 10_000;
const run = promisify(execFile);

export interface FfmpegSearch {
  configuredPath?: string;
  /** Value of PATH. */
  searchPath: string;
}

/**
 * Finds the ffmpeg to use ({@link locateFfmpeg}), and that it runs.
 *
 * @throws FfmpegError `ffmpeg-not-found`, `ffmpeg-broken`, `ffmpeg-too-old`
 */
export async function findFfmpeg(options: FfmpegSearch): Promise<FfmpegProgram> {
  const path = await locateFfmpeg(options);
  return { path, version: await readFfmpegVersion(path) };
}

/**
 * The path of the ffmpeg to use: `configuredPath` when given (and then no other), else the first `ffmpeg` on `searchPath`, else
 * the one of the optional package `ffmpeg-static`. Nothing is run.
 *
 * @throws FfmpegError `ffmpeg-not-found`
 */
export async function locateFfmpeg(options: FfmpegSearch): Promise<string> {
  const candidates =
    options.configuredPath === undefined
      ? [
          ...options.searchPath
            .split(delimiter)
            .filter(Boolean)
            .map((folder) => join(folder, 'ffmpeg')),
          await staticPath(),
        ]
      : [options.configuredPath];
  for (const path of candidates) {
    if (path !== null && (await isExecutable(path))) return path;
  }
  throw FfmpegError.notFound(options.configuredPath === undefined ? [] : [options.configuredPath]);
}

/** @returns the version in the first line of `ffmpeg -version`, or null when there is none */
export function parseFfmpegVersion(output: string): FfmpegVersion | null {
  const release = /^ffmpeg version n?(\d+)\.(\d+)/.exec(output);
  if (release !== null) return { major: Number(release[1]), minor: Number(release[2]) };
  // A build from the development branch has a revision in place of a version; it is newer than every release.
  return /^ffmpeg version (N-|git-)/.test(output) ? { major: Number.POSITIVE_INFINITY, minor: 0 } : null;
}

export function isAtLeast(version: FfmpegVersion, major: number, minor: number): boolean {
  return version.major > major || (version.major === major && version.minor >= minor);
}

/** Asks an ffmpeg for its version. @throws FfmpegError `ffmpeg-broken`, `ffmpeg-too-old` */
export async function readFfmpegVersion(path: string): Promise<FfmpegVersion> {
  let output: string;
  try {
    output = (await run(path, ['-version'], { timeout: versionTimeoutMs })).stdout;
  } catch (error) {
    throw FfmpegError.broken(
      path,
      error instanceof Error ? (error.message.split('\n').at(-2) ?? error.message) : 'it failed',
    );
  }
  const version = parseFfmpegVersion(output);
  if (version === null) throw FfmpegError.broken(path, 'it does not tell its version');
  const { major, minor } = oldestVersion;
  if (!isAtLeast(version, major, minor)) {
    throw FfmpegError.tooOld(path, `${version.major}.${version.minor}`, `${major}.${minor}`);
  }
  return version;
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The package downloads its program when it is installed, so both the package and the program may be absent. */
async function staticPath(): Promise<string | null> {
  // Not a literal, so that neither the compiler nor the bundler wants the package to be there.
  const packageName: string = 'ffmpeg-static';
  try {
    const { default: path } = (await import(packageName)) as { default: unknown };
    return typeof path === 'string' ? path : null;
  } catch {
    return null;
  }
}
