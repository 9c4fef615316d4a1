import { spawnFfmpeg } from '../ffmpeg/ffmpeg.ts';
import { FfmpegError } from '../ffmpeg/ffmpeg-error.ts';
import { h264LevelFor } from './h264-level.ts';

export const encoderNames = ['libx264', 'h264_v4l2m2m'] as const;
export type EncoderName = (typeof encoderNames)[number];

/** What one rendition is encoded to. */
export interface EncodingSettings {
  /** Largest picture, in pixels; the source's shape may make it smaller. */
  widthMax: number;
  heightMax: number;
  /** Frames per second at most. */
  fps: number;
  bitrateKbps: number;
  /** Time from one keyframe to the next when nobody asks for one. */
  keyframeIntervalMs: number;
}

const testEncodeTimeoutMs = 10_000;

/**
 * Picks the encoder by encoding one frame with each candidate: `auto` takes the hardware where that works, else libx264. Run it once, at
 * the start of the agent.
 *
 * @throws FfmpegError `no-h264-encoder`
 */
export async function chooseEncoder(options: { program: string; wanted: 'auto' | EncoderName }): Promise<EncoderName> {
  const candidates: readonly EncoderName[] = options.wanted === 'auto' ? ['h264_v4l2m2m', 'libx264'] : [options.wanted];
  let reason = '';
  for (const encoder of candidates) {
    const failure = await tryEncoder(options.program, encoder);
    if (failure === null) return encoder;
    reason = failure;
  }
  throw FfmpegError.noEncoder(options.program, candidates.at(-1) ?? options.wanted, reason);
}

/** The options that follow `-vf` for one H.264 output. */
export function buildEncoderOptions(encoder: EncoderName, settings: EncodingSettings): string[] {
  const bitrate = `${settings.bitrateKbps}k`;
  const common = [
    '-fps_mode',
    'passthrough',
    // The default time base is one frame interval, in which frames of an uneven source would share a timestamp.
    '-enc_time_base',
    '1:90000',
    '-force_key_frames',
    buildKeyframeExpression(settings),
    '-b:v',
    bitrate,
  ];
  if (encoder === 'h264_v4l2m2m') return ['-c:v', 'h264_v4l2m2m', ...common, '-pix_fmt', 'yuv420p'];
  return [
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    // Among others no lookahead, and threads that share one picture (slices): frame threads would delay each picture by
    // one frame per thread.
    '-tune',
    'zerolatency',
    '-profile:v',
    'baseline',
    '-level',
    String(levelOf(settings)),
    '-bf',
    '0',
    // The expression above decides, in seconds; this is for a source so slow that its clock stands still.
    '-g',
    String(Math.ceil((2 * settings.keyframeIntervalMs * settings.fps) / 1000)),
    '-maxrate',
    bitrate,
    '-bufsize',
    `${Math.ceil(settings.bitrateKbps / 4)}k`,
    '-x264-params',
    'repeat-headers=1',
    '-pix_fmt',
    'yuv420p',
    ...common,
  ];
}

/**
 * The `profile-level-id` (RFC 6184 8.1) that the stream will have, before there is a first frame: constrained baseline at the
 * level given to libx264. A hardware encoder may choose another one; the truth is in its first keyframe.
 */
export function plannedProfileLevelId(settings: EncodingSettings): string {
  return `42c0${levelOf(settings).toString(16).padStart(2, '0')}`;
}

/**
 * An expression for `-force_key_frames`. Encoders take no commands, but a frame can be withheld from them (`filter-commands.ts`): an
 * interval clearly longer than the average of the last ones stands for "keyframe now". The average, not the nominal
 * interval, because a camera slows down in the dark. Variables: 0 last time, 1 average interval, 2 this interval, 3 verdict.
 */
function buildKeyframeExpression({ fps, keyframeIntervalMs }: EncodingSettings): string {
  const frameSeconds = (1 / fps).toFixed(6);
  const intervalSeconds = (keyframeIntervalMs / 1000 - 0.5 / fps).toFixed(6);
  const sinceKeyframe = '(t-prev_forced_t)';
  return [
    'expr:st(2,t-ld(0))',
    `st(3,isnan(prev_forced_t)+gte(${sinceKeyframe},${intervalSeconds})` +
      // Jitter must not make every frame a keyframe.
      `+gt(ld(2),1.7*ld(1))*gte(${sinceKeyframe},0.3))`,
    `st(1,if(ld(0),0.9*ld(1)+0.1*ld(2),${frameSeconds}))`,
    'st(0,t)',
    'ld(3)',
  ].join(';');
}

function levelOf(settings: EncodingSettings): number {
  return h264LevelFor({ ...settings, width: settings.widthMax, height: settings.heightMax });
}

/** @returns null when the encoder works, else why not */
async function tryEncoder(program: string, encoder: EncoderName): Promise<string | null> {
  const settings = { widthMax: 640, heightMax: 360, fps: 30, bitrateKbps: 500, keyframeIntervalMs: 2000 };
  const ffmpeg = await spawnFfmpeg({
    program,
    input: { options: ['-f', 'lavfi'], source: 'color=size=640x360:rate=30' },
    outputs: [{ options: ['-frames:v', '1', ...buildEncoderOptions(encoder, settings), '-f', 'null'], target: '-' }],
  });
  const timer = setTimeout(() => void ffmpeg.terminate(0), testEncodeTimeoutMs);
  const { code, problems } = await ffmpeg.exited;
  clearTimeout(timer);
  return code === 0 ? null : (problems.at(-1) ?? 'the test frame failed');
}
