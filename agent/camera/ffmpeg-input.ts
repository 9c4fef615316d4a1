import type { FfmpegInput } from '../ffmpeg/ffmpeg.ts';
import { type FfmpegVersion, isAtLeast } from '../ffmpeg/find-ffmpeg.ts';
import type { CameraSource } from './camera-source.ts';
import type { EncodingSettings } from './encoder.ts';
import { buildTestPattern } from './test-pattern.ts';

const rtspTimeoutMicroseconds = 5_000_000;

/** @param options.isLiveFile whether a `file` source is a FIFO (`source-check.ts`) */
export function buildInput(options: {
  source: CameraSource;
  isLiveFile: boolean;
  video: EncodingSettings;
  ffmpegVersion: FfmpegVersion;
}): FfmpegInput {
  const { source, video, ffmpegVersion } = options;
  switch (source.kind) {
    case 'test':
      return { options: [...realTime(ffmpegVersion), '-f', 'lavfi'], source: buildTestPattern(video) };
    case 'file':
      return options.isLiveFile ? liveFile(source.path) : recordedFile(source.path, ffmpegVersion);
    case 'v4l2':
      return v4l2Device(source.devicePath, video);
    case 'rtsp':
      return rtspStream(source.url);
  }
}

function recordedFile(path: string, version: FfmpegVersion): FfmpegInput {
  // The protocol name keeps a path like "http:x" or "-x" a path; the list keeps a playlist from reaching the network.
  const options = ['-protocol_whitelist', 'file', ...realTime(version), '-stream_loop', '-1', '-flags', 'low_delay'];
  return { options, source: `file:${path}` };
}

// The header of YUV4MPEG2 says everything, so no frame is held back for probing; the time of a live frame is when it comes.
function liveFile(path: string): FfmpegInput {
  const probing = ['-probesize', '32', '-analyzeduration', '0'];
  const options = [
    '-protocol_whitelist',
    'file',
    '-use_wallclock_as_timestamps',
    '1',
    ...probing,
    '-f',
    'yuv4mpegpipe',
  ];
  return { options, source: `file:${path}` };
}

// The driver picks the size nearest to the one asked for.
function v4l2Device(devicePath: string, { widthMax, heightMax, fps }: EncodingSettings): FfmpegInput {
  const options = ['-f', 'v4l2', '-framerate', String(fps), '-video_size', `${widthMax}x${heightMax}`];
  return { options, source: devicePath };
}

function rtspStream(url: string): FfmpegInput {
  const options = [
    '-protocol_whitelist',
    'rtsp,rtsps,rtp,tcp,tls,crypto',
    '-rtsp_transport',
    'tcp',
    '-timeout',
    String(rtspTimeoutMicroseconds),
    '-analyzeduration',
    '1000000',
    // Without it the decoder works on several frames at a time and delays each.
    '-flags',
    'low_delay',
  ];
  return { options, source: url };
}

/** Feeds frames at their own pace. Since version 7 ffmpeg would let the first half second through at once. */
function realTime(version: FfmpegVersion): string[] {
  return isAtLeast(version, 7, 0) ? ['-re', '-readrate_initial_burst', '0'] : ['-re'];
}
