import { type FfmpegProgram, findFfmpeg } from '../../agent/camera/find-ffmpeg.ts';

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
