import { canEncodeVp8, chooseEncoder, type EncoderName } from '../camera/encoder.ts';
import { FfmpegError } from '../ffmpeg/ffmpeg-error.ts';
import { type FfmpegProgram, findFfmpeg } from '../ffmpeg/find-ffmpeg.ts';
import { type Finding, failed, ok, warning } from './finding.ts';

export interface FfmpegSettings {
  path?: string;
  encoder: 'auto' | EncoderName;
}

/** Looks for ffmpeg as the agent does. @returns it, or null with the finding that says why */
export async function checkFfmpeg(
  settings: FfmpegSettings,
  searchPath: string,
): Promise<{ ffmpeg: FfmpegProgram | null; finding: Finding }> {
  try {
    const ffmpeg = await findFfmpeg({ configuredPath: settings.path, searchPath });
    const { major, minor } = ffmpeg.version;
    const version = Number.isFinite(major) ? `${major}.${minor}` : 'a development version';
    const details = { path: ffmpeg.path, version };
    return { ffmpeg, finding: ok('ffmpeg', `ffmpeg ${version} is at ${ffmpeg.path}.`, details) };
  } catch (error) {
    return { ffmpeg: null, finding: describeAbsence(settings, error) };
  }
}

/** Encodes one picture with each encoder that the agent may choose. Never throws. */
export async function checkEncoders(
  ffmpeg: FfmpegProgram,
  wanted: FfmpegSettings['encoder'],
  signal?: AbortSignal,
): Promise<Finding[]> {
  return Promise.all([checkH264(ffmpeg, wanted, signal), checkVp8(ffmpeg, signal)]);
}

async function checkH264(
  ffmpeg: FfmpegProgram,
  wanted: FfmpegSettings['encoder'],
  signal?: AbortSignal,
): Promise<Finding> {
  try {
    const encoder = await chooseEncoder({ program: ffmpeg.path, wanted, signal });
    const kind = encoder === 'libx264' ? 'in software' : 'in hardware';
    return ok('encoder', `H.264 is encoded ${kind} (${encoder}).`, { encoder });
  } catch (error) {
    const advice =
      wanted === 'h264_v4l2m2m'
        ? 'This device has no such hardware: set ffmpeg.encoder to auto.'
        : 'Install an ffmpeg built with libx264: "sudo apt install ffmpeg".';
    return failed('encoder', `${ffmpeg.path} cannot encode H.264.`, advice, { wanted, reason: reasonOf(error) });
  }
}

async function checkVp8(ffmpeg: FfmpegProgram, signal?: AbortSignal): Promise<Finding> {
  return (await canEncodeVp8(ffmpeg.path, signal))
    ? ok('encoder-vp8', 'VP8 is there, for browsers without H.264.')
    : warning(
        'encoder-vp8',
        'VP8 cannot be encoded: Firefox on some systems will see no picture.',
        'Install an ffmpeg built with libvpx: "sudo apt install ffmpeg".',
      );
}

function describeAbsence(settings: FfmpegSettings, error: unknown): Finding {
  const install = 'Install it: "sudo apt install ffmpeg".';
  const details = { reason: reasonOf(error) };
  const code = error instanceof FfmpegError ? error.code : undefined;
  switch (code) {
    case 'ffmpeg-not-found':
      return settings.path === undefined
        ? failed('ffmpeg', 'There is no ffmpeg on this device.', install, details)
        : failed(
            'ffmpeg',
            `There is no program at ${settings.path}.`,
            'Correct ffmpeg.path, or leave it out.',
            details,
          );
    case 'ffmpeg-too-old':
      return failed('ffmpeg', 'This ffmpeg is too old.', 'Install ffmpeg 5.1 or later, as Debian 12 has it.', details);
    default:
      return failed(
        'ffmpeg',
        'There is an ffmpeg, but it does not run.',
        'Install a working one, or set ffmpeg.path.',
        details,
      );
  }
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
