import { execFile } from 'node:child_process';
import { type FfmpegProgram, findFfmpeg } from '../../agent/ffmpeg/find-ffmpeg.ts';

/**
 * The ffmpeg that integration tests use: the one that PORTHOLE_TEST_FFMPEG names (`scripts/ffmpeg7` prints one of version 7.1),
 * else the one on PATH.
 */
export function testFfmpeg(): Promise<FfmpegProgram> {
  const configuredPath = process.env.PORTHOLE_TEST_FFMPEG;
  return findFfmpeg({
    ...(configuredPath ? { configuredPath } : {}),
    searchPath: process.env.PATH ?? '',
  });
}

/** Runs ffmpeg or ffprobe to its end. @returns what it wrote to stdout; rejects with its stderr when it fails */
export function runTool(program: string, args: string[], stdin: Uint8Array = new Uint8Array()): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = execFile(
      program,
      ['-hide_banner', '-loglevel', 'error', ...args],
      { encoding: 'buffer', maxBuffer: 256 * 1024 * 1024 },
      (error, stdout, stderr) => (error ? reject(new Error(stderr.toString(), { cause: error })) : resolve(stdout)),
    );
    child.stdin?.on('error', () => {}); // the tool may end before it has read all
    child.stdin?.end(stdin);
  });
}
