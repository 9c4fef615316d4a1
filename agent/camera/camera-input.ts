import { join } from 'node:path';
import { failure, type Result, success } from '../../protocol/result.ts';
import type { FfmpegProgram } from '../ffmpeg/find-ffmpeg.ts';
import { type OpenInput, withoutFiles } from '../ffmpeg/open-input.ts';
import { buildFilePlaylist, buildRtspPlaylist, openPlaylist } from '../ffmpeg/playlist.ts';
import type { CameraSource } from '../sources/camera-source.ts';
import type { EncodingSettings } from './encoder.ts';
import {
  buildFileInputOptions,
  buildLiveFileInput,
  buildTestInput,
  buildV4l2Input,
  rtspInputOptions,
} from './ffmpeg-input.ts';
import { openRpicamInput } from './rpicam-input.ts';
import { chooseV4l2Format, listV4l2Formats } from './v4l2-formats.ts';

export interface CameraInputOptions {
  id: string;
  source: CameraSource;
  video: EncodingSettings;
  ffmpeg: FfmpegProgram;
  /** The source is to be passed on as it is, which must be H.264. */
  isPassthrough: boolean;
  /** Folder for playlist and FIFO; nobody else can read in it. */
  runtimeDir: string;
  /** Names or paths of the program that reads a camera on the CSI connector; that of Raspberry Pi OS by default. */
  rpicamPrograms?: readonly string[];
}

export interface CameraInput extends OpenInput {
  /** The program that feeds it is gone, with the reason for people; absent where there is none. */
  feederEnded?: Promise<string>;
}

/**
 * Prepares what ffmpeg reads: asks a V4L2 device for the best form of its pictures, writes the playlist of others, starts the
 * program of a camera on the CSI connector.
 *
 * @param options.isLiveFile whether a `file` source is a FIFO (`source-check.ts`)
 * @returns the input, or for people why there is nothing that ffmpeg could open
 */
export async function openCameraInput(
  options: CameraInputOptions & { isLiveFile: boolean },
): Promise<Result<CameraInput, string>> {
  const { source, video, ffmpeg } = options;
  const path = join(options.runtimeDir, `${options.id}-source.ffconcat`);
  switch (source.kind) {
    case 'test':
      return success(withoutFiles(buildTestInput(video)));
    case 'file': {
      if (options.isLiveFile) return openLiveFile(source.path, options.isPassthrough);
      const inputOptions = buildFileInputOptions(ffmpeg.version);
      return success(await openPlaylist(buildFilePlaylist(source.path), { path, inputOptions }));
    }
    case 'v4l2':
      return openV4l2(source.devicePath, options);
    case 'rpicam':
      return openRpicamInput({ ...options, index: source.index });
    case 'rtsp':
      return success(await openPlaylist(buildRtspPlaylist(source.url), { path, inputOptions: rtspInputOptions }));
  }
}

function openLiveFile(path: string, isPassthrough: boolean): Result<CameraInput, string> {
  if (isPassthrough) return failure('a live FIFO has no H.264 to pass through');
  return success(withoutFiles(buildLiveFileInput(path)));
}

async function openV4l2(
  devicePath: string,
  { video, ffmpeg, isPassthrough }: CameraInputOptions,
): Promise<Result<CameraInput, string>> {
  const choice = chooseV4l2Format(await listV4l2Formats(ffmpeg.path, devicePath), { ...video, isPassthrough });
  if (choice === null && isPassthrough) {
    return failure(`${devicePath} offers no H.264 to pass through`);
  }
  return success(withoutFiles(buildV4l2Input(devicePath, video, choice)));
}
