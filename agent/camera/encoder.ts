import { FfmpegError } from '../ffmpeg/ffmpeg-error.ts';
import { runFfmpeg } from '../ffmpeg/run-ffmpeg.ts';
import { isAfterGapExpression } from './capture-stamp.ts';
import { h264LevelFor } from './h264-level.ts';

/** What encodes H.264. */
export type EncoderName = 'libx264' | 'h264_v4l2m2m';

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
const abortedReason = 'the test was ended';
const testSettings = { widthMax: 640, heightMax: 360, fps: 30, bitrateKbps: 500, keyframeIntervalMs: 2000 };

/**
 * Picks the encoder by encoding one frame with each candidate: `auto` takes the hardware where that works, else libx264. Run it once, at
 * the start of the agent.
 *
 * @param options.signal ends the test that runs
 * @throws FfmpegError `no-h264-encoder`, also when it was aborted
 */
export async function chooseEncoder(options: {
  program: string;
  wanted: 'auto' | EncoderName;
  signal?: AbortSignal;
}): Promise<EncoderName> {
  const candidates: readonly EncoderName[] = options.wanted === 'auto' ? ['h264_v4l2m2m', 'libx264'] : [options.wanted];
  let reason = '';
  for (const encoder of candidates) {
    const failure = await tryEncoding(options.program, buildH264Options(encoder, testSettings), options.signal);
    if (failure === null) return encoder;
    reason = failure;
  }
  throw FfmpegError.noEncoder(options.program, candidates.at(-1) ?? options.wanted, reason);
}

/** Whether VP8 can be encoded, found out with one frame; false when `signal` ends the test. */
export async function canEncodeVp8(program: string, signal?: AbortSignal): Promise<boolean> {
  return (await tryEncoding(program, buildVp8Options(testSettings), signal)) === null;
}

/** The options that follow `-vf` for one H.264 output. */
export function buildH264Options(encoder: EncoderName, settings: EncodingSettings): string[] {
  if (encoder === 'h264_v4l2m2m') return ['-c:v', 'h264_v4l2m2m', ...buildCommonOptions(settings)];
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
    ...buildRateOptions(settings),
    // Since version 7 ffmpeg does not know the frame rate behind `setpts`, and x264 would take each picture for 1/90000 s.
    '-x264-params',
    `repeat-headers=1:fps=${settings.fps}`,
    ...buildCommonOptions(settings),
  ];
}

/** The options that follow `-vf` for one VP8 output: real time, and no picture that is never shown (an "alternate reference"). */
export function buildVp8Options(settings: EncodingSettings): string[] {
  return [
    '-c:v',
    'libvpx',
    '-deadline',
    'realtime',
    '-cpu-used',
    '8',
    '-lag-in-frames',
    '0',
    '-auto-alt-ref',
    '0',
    // Several threads wait for each other in busy loops: up to eight times the CPU on a machine that has other things to do.
    '-threads',
    '1',
    ...buildRateOptions(settings),
    ...buildCommonOptions(settings),
  ];
}

/**
 * The `profile-level-id` (RFC 6184 8.1) that the stream will have, before there is a first frame: constrained baseline at the
 * level given to libx264. A hardware encoder may choose another one; the truth is in its first keyframe.
 */
export function plannedProfileLevelId(settings: EncodingSettings): string {
  return `42c0${levelOf(settings).toString(16).padStart(2, '0')}`;
}

/** What every driver takes. */
function buildCommonOptions(settings: EncodingSettings): string[] {
  return [
    '-b:v',
    `${settings.bitrateKbps}k`,
    '-pix_fmt',
    'yuv420p',
    '-fps_mode',
    'passthrough',
    // The default time base is one frame interval, which would cut down the capture time.
    '-enc_time_base',
    '1:90000',
    '-force_key_frames',
    buildKeyframeExpression(settings),
  ];
}

function buildRateOptions({ bitrateKbps, keyframeIntervalMs, fps }: EncodingSettings): string[] {
  return [
    '-maxrate',
    `${bitrateKbps}k`,
    '-bufsize',
    `${Math.ceil(bitrateKbps / 4)}k`,
    // The keyframe expression decides, in seconds; this is for a source so slow that its clock stands still.
    '-g',
    String(Math.ceil((2 * keyframeIntervalMs * fps) / 1000)),
  ];
}

/** An expression for `-force_key_frames`: after withheld frames (encoders take no commands, gates do), and regularly. */
function buildKeyframeExpression({ fps, keyframeIntervalMs }: EncodingSettings): string {
  const intervalSeconds = (keyframeIntervalMs / 1000 - 0.5 / fps).toFixed(6);
  return `expr:isnan(prev_forced_t)+gte(t-prev_forced_t,${intervalSeconds})+${isAfterGapExpression}`;
}

function levelOf(settings: EncodingSettings): number {
  return h264LevelFor({ ...settings, width: settings.widthMax, height: settings.heightMax });
}

/** @returns null when the encoder works, else why not */
async function tryEncoding(program: string, encoderOptions: string[], signal?: AbortSignal): Promise<string | null> {
  if (signal?.aborted) return abortedReason;
  const job = {
    program,
    input: { options: ['-f', 'lavfi'], source: 'color=size=640x360:rate=30' },
    outputs: [{ options: ['-frames:v', '1', ...encoderOptions, '-f', 'null'], target: '-' }],
  };
  const tooLate = AbortSignal.timeout(testEncodeTimeoutMs);
  const { exit, wasAborted } = await runFfmpeg(job, {
    signal: signal ? AbortSignal.any([signal, tooLate]) : tooLate,
    end: (ffmpeg) => ffmpeg.terminate(0),
  });
  if (wasAborted) return signal?.aborted ? abortedReason : `no frame within ${testEncodeTimeoutMs / 1000} s`;
  return exit.code === 0 ? null : (exit.problems.at(-1) ?? 'the test frame failed');
}
