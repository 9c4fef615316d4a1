import type { FfmpegInput } from '../ffmpeg/ffmpeg.ts';
import { type FfmpegVersion, isAtLeast } from '../ffmpeg/find-ffmpeg.ts';
import type { CameraSource } from './camera-source.ts';
import type { EncodingSettings } from './encoder.ts';
import { playlistProtocols } from './playlist.ts';
import { buildTestPattern } from './test-pattern.ts';
import type { V4l2Choice } from './v4l2-formats.ts';

/** Finding out the frame rate of a source takes twenty frames, and nothing here depends on it. */
const noRateProbing = ['-fpsprobesize', '0'];
// Without it the decoder works on several frames at a time and delays each.
const lowDelay = ['-flags', 'low_delay'];

/** @param options.isLiveFile whether a `file` source is a FIFO (`source-check.ts`) */
export function buildInput(options: {
  source: CameraSource;
  isLiveFile: boolean;
  video: EncodingSettings;
  ffmpegVersion: FfmpegVersion;
  /** What to ask a V4L2 device for; null: as the driver likes. */
  v4l2: V4l2Choice | null;
  /** Where the playlist of a file or of a network camera is (`playlist.ts`). */
  playlistPath: string;
}): FfmpegInput {
  const { source, video, ffmpegVersion, v4l2, playlistPath } = options;
  switch (source.kind) {
    case 'test':
      return { options: [...noRateProbing, '-f', 'lavfi'], source: buildTestPattern(video) };
    case 'file':
      return options.isLiveFile
        ? liveFile(source.path)
        : playlist(playlistPath, [...realTime(ffmpegVersion), '-protocol_whitelist', playlistProtocols.file]);
    case 'v4l2':
      return v4l2Device(source.devicePath, video, v4l2);
    case 'rtsp':
      return playlist(playlistPath, [...noRateProbing, '-protocol_whitelist', playlistProtocols.rtsp]);
  }
}

// The header of YUV4MPEG2 says everything, so no frame is held back for probing.
function liveFile(path: string): FfmpegInput {
  const probing = ['-probesize', '32', '-analyzeduration', '0'];
  const options = ['-protocol_whitelist', 'file', ...probing, '-f', 'yuv4mpegpipe'];
  return { options, source: `file:${path}` };
}

function v4l2Device(devicePath: string, video: EncodingSettings, choice: V4l2Choice | null): FfmpegInput {
  const { width, height } = choice ?? { width: video.widthMax, height: video.heightMax };
  const format = choice === null ? [] : ['-input_format', choice.format];
  const wish = [...format, '-framerate', String(video.fps), '-video_size', `${width}x${height}`];
  return { options: [...noRateProbing, '-f', 'v4l2', ...wish], source: devicePath };
}

function playlist(path: string, options: readonly string[]): FfmpegInput {
  // "Safe" is a name without protocol.
  return { options: [...options, ...lowDelay, '-f', 'concat', '-safe', '0'], source: `file:${path}` };
}

/** Feeds frames at their own pace. Version 7 lets a burst through at the start, which cannot be none: 0 stands for the default. */
function realTime(version: FfmpegVersion): string[] {
  return isAtLeast(version, 7, 0) ? ['-re', '-readrate_initial_burst', '0.001'] : ['-re'];
}
