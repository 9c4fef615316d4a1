import type { FfmpegOutput } from '../ffmpeg/ffmpeg.ts';
import { buildEncoderOptions, type EncoderName, type EncodingSettings } from './encoder.ts';
import { buildGate } from './filter-commands.ts';

/** One encoding of the picture. */
export interface Rendition {
  name: string;
  /** Divides both sides of the largest picture. */
  sizeDivisor: number;
  bitrateDivisor: number;
  /** Gate that withholds frames from the encoder. */
  gateName: string;
}

/** Largest first. */
export const renditions: readonly Rendition[] = [
  { name: 'full', sizeDivisor: 1, bitrateDivisor: 1, gateName: 'rendition_full' },
];

export const snapshotName = 'snapshot';
export const snapshotGateName = 'snapshot';

/** Smaller numbers are better pictures, 2 to 31. */
const jpegQuality = '4';
// NUT hands each packet over at once. Without its index, which ffmpeg would collect in memory for the end of the stream.
const container = ['-f', 'nut', '-write_index', '0'];

/**
 * The outputs of one camera. Each has a filter chain of its own: with one graph and `split`, ffmpeg 7 stalls all of them while one
 * starves.
 *
 * @param options.isLiveFile the writer of a FIFO paces itself, and its last frame must be seen however close it follows
 * @param options.targetOf the URL that an output of this name is written to
 */
export function buildOutputs(options: {
  encoder: EncoderName;
  video: EncodingSettings;
  isLiveFile: boolean;
  targetOf: (outputName: string) => string;
}): FfmpegOutput[] {
  const { encoder, video, isLiveFile, targetOf } = options;
  const pace = isLiveFile ? [] : [buildRateLimit(video.fps)];
  const encoded = renditions.map((rendition) => ({
    options: buildRenditionOptions({ rendition, encoder, video, pace }),
    target: targetOf(rendition.name),
  }));
  return [...encoded, { options: buildSnapshotOptions(video), target: targetOf(snapshotName) }];
}

/** What a rendition is encoded to, given the settings of the camera. */
export function settingsOf(rendition: Rendition, video: EncodingSettings): EncodingSettings {
  return {
    ...video,
    widthMax: Math.max(2, Math.floor(video.widthMax / rendition.sizeDivisor)),
    heightMax: Math.max(2, Math.floor(video.heightMax / rendition.sizeDivisor)),
    bitrateKbps: Math.max(1, Math.floor(video.bitrateKbps / rendition.bitrateDivisor)),
  };
}

function buildRenditionOptions(options: {
  rendition: Rendition;
  encoder: EncoderName;
  video: EncodingSettings;
  pace: string[];
}): string[] {
  const { rendition, encoder, video, pace } = options;
  const settings = settingsOf(rendition, video);
  const filters = [...pace, buildGate(rendition.gateName, 'open'), buildFit(settings)];
  return ['-map', '0:v:0', '-vf', filters.join(','), ...buildEncoderOptions(encoder, settings), ...container];
}

function buildSnapshotOptions(video: EncodingSettings): string[] {
  const filters = [buildGate(snapshotGateName, 'closed'), buildFit(video), 'format=yuvj420p'];
  return [
    '-map',
    '0:v:0',
    '-vf',
    filters.join(','),
    '-c:v',
    'mjpeg',
    '-q:v',
    jpegQuality,
    // Frame threads would hold the picture back until the next snapshot, which would then show the old one.
    '-threads',
    '1',
    '-fps_mode',
    'passthrough',
    ...container,
  ];
}

/** Drops frames of a source that is faster than asked for. The tenth allows for jitter of one that is just as fast. */
function buildRateLimit(fps: number): string {
  const shortestSeconds = (0.9 / fps).toFixed(6);
  return `select='isnan(prev_selected_t)+gte(t-prev_selected_t,${shortestSeconds})'`;
}

/** Scales down into the box, never up, to square pixels and even sides. */
function buildFit({ widthMax, heightMax }: EncodingSettings): string {
  const factor = `min(1,min(${widthMax}/(iw*sar),${heightMax}/ih))`;
  const width = `max(2,2*trunc(iw*sar*${factor}/2))`;
  const height = `max(2,2*trunc(ih*${factor}/2))`;
  return `scale=w='${width}':h='${height}',setsar=1`;
}
