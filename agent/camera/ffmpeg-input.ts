import type { FfmpegInput } from '../ffmpeg/ffmpeg.ts';
import { type FfmpegVersion, isAtLeast } from '../ffmpeg/find-ffmpeg.ts';
import type { EncodingSettings } from './encoder.ts';
import type { RpicamStream } from './rpicam.ts';
import { buildTestPattern } from './test-pattern.ts';
import type { V4l2Choice } from './v4l2-formats.ts';

/** Finding out the frame rate of a source takes twenty frames, and nothing here depends on it. */
const noRateProbing = ['-fpsprobesize', '0'];
const noProbing = ['-probesize', '32', '-analyzeduration', '0'];
// Without it the decoder works on several frames at a time and delays each.
const lowDelay = ['-flags', 'low_delay'];

export function buildTestInput(video: EncodingSettings): FfmpegInput {
  return { options: [...noRateProbing, '-f', 'lavfi'], source: buildTestPattern(video) };
}

/** A FIFO that carries YUV4MPEG2. */
export function buildLiveFileInput(path: string): FfmpegInput {
  // The header says everything, so no frame is held back for probing.
  return { options: ['-protocol_whitelist', 'file', ...noProbing, '-f', 'yuv4mpegpipe'], source: `file:${path}` };
}

/** @param choice what to ask the device for; null: as the driver likes */
export function buildV4l2Input(devicePath: string, video: EncodingSettings, choice: V4l2Choice | null): FfmpegInput {
  const { width, height } = choice ?? { width: video.widthMax, height: video.heightMax };
  const format = choice === null ? [] : ['-input_format', choice.format];
  const wish = [...format, '-framerate', String(video.fps), '-video_size', `${width}x${height}`];
  return { options: [...noRateProbing, '-f', 'v4l2', ...wish], source: devicePath };
}

/** What the camera program writes into a FIFO. Raw pictures are of full range, like those of a JPEG. */
export function buildRpicamInput(path: string, { codec, width, height, fps }: RpicamStream): FfmpegInput {
  const form =
    codec === 'h264'
      ? [...lowDelay, '-framerate', String(fps), '-f', 'h264']
      : ['-f', 'rawvideo', '-pix_fmt', 'yuvj420p', '-video_size', `${width}x${height}`, '-framerate', String(fps)];
  return { options: ['-protocol_whitelist', 'file', ...noRateProbing, ...form], source: `file:${path}` };
}

/** What goes before the playlist of a network camera. */
export const rtspInputOptions: readonly string[] = [...noRateProbing, ...lowDelay];

/** What goes before the playlist of a file. */
export function buildFileInputOptions(version: FfmpegVersion): string[] {
  return [...realTime(version), ...lowDelay];
}

/** Feeds frames at their own pace. Version 7 lets a burst through at the start, which cannot be none: 0 stands for the default. */
function realTime(version: FfmpegVersion): string[] {
  return isAtLeast(version, 7, 0) ? ['-re', '-readrate_initial_burst', '0.001'] : ['-re'];
}
