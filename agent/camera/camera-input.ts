import { rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { FfmpegInput } from '../ffmpeg/ffmpeg.ts';
import type { FfmpegProgram } from '../ffmpeg/find-ffmpeg.ts';
import type { CameraSource } from './camera-source.ts';
import type { EncodingSettings } from './encoder.ts';
import { buildInput } from './ffmpeg-input.ts';
import { buildFilePlaylist, buildRtspPlaylist } from './playlist.ts';
import { checkSource } from './source-check.ts';
import { chooseV4l2Format, listV4l2Formats, type V4l2Choice } from './v4l2-formats.ts';

export interface CameraInputOptions {
  id: string;
  source: CameraSource;
  video: EncodingSettings;
  ffmpeg: FfmpegProgram;
  /** The source is to be passed on as it is, which must be H.264. */
  isPassthrough: boolean;
  /** Folder for the playlist; nobody else can read in it. */
  runtimeDir: string;
}

/** An input that is ready for one run of ffmpeg, or why there is none. */
export type CameraInput =
  | { present: true; input: FfmpegInput; isLiveFile: boolean; close(): Promise<void> }
  | { present: false; reason: string };

/** Looks whether the source is there, asks a V4L2 device for the best form of its pictures, and writes the playlist of others. */
export async function openCameraInput(options: CameraInputOptions): Promise<CameraInput> {
  const { source, video, ffmpeg, isPassthrough } = options;
  const check = await checkSource(source);
  if (!check.present) return check;
  const { isLiveFile } = check;
  if (isLiveFile && isPassthrough) return { present: false, reason: 'a live FIFO has no H.264 to pass through' };

  let v4l2: V4l2Choice | null = null;
  if (source.kind === 'v4l2') {
    v4l2 = chooseV4l2Format(await listV4l2Formats(ffmpeg.path, source.devicePath), { ...video, isPassthrough });
    if (v4l2 === null && isPassthrough) {
      return { present: false, reason: `${source.devicePath} offers no H.264 to pass through` };
    }
  }
  const playlistPath = join(options.runtimeDir, `${options.id}-source.ffconcat`);
  const playlist = isLiveFile ? null : playlistOf(source);
  if (playlist !== null) await writeFile(playlistPath, playlist, { mode: 0o600 });
  const input = buildInput({ source, isLiveFile, video, ffmpegVersion: ffmpeg.version, v4l2, playlistPath });
  return { present: true, input, isLiveFile, close: () => rm(playlistPath, { force: true }) };
}

function playlistOf(source: CameraSource): string | null {
  if (source.kind === 'rtsp') return buildRtspPlaylist(source.url);
  // ffmpeg takes a relative path as relative to the playlist.
  return source.kind === 'file' ? buildFilePlaylist(resolve(source.path)) : null;
}
