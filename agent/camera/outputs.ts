import type { FfmpegOutput } from '../ffmpeg/ffmpeg.ts';
import { buildStampedGate } from './capture-stamp.ts';
import { buildH264Options, buildVp8Options, type EncoderName, type EncodingSettings } from './encoder.ts';
import { buildGate } from './filter-commands.ts';
import type { Rendition, RenditionName } from './renditions.ts';

export const snapshotName = 'snapshot';
export type OutputName = RenditionName | typeof snapshotName;

/** Smaller numbers are better pictures, 2 to 31. */
const jpegQuality = '4';
// NUT hands each packet over at once. Without its index, which ffmpeg would collect in memory for the end of the stream.
const container = ['-f', 'nut', '-write_index', '0'];

export interface OutputOptions {
  renditions: readonly Rendition[];
  encoder: EncoderName;
  video: EncodingSettings;
  /** The writer of a FIFO paces itself, and its last frame must be seen however close it follows. */
  isLiveFile: boolean;
  /** Whether the gate of a rendition is open from the start. */
  isOpen: (name: RenditionName) => boolean;
  /** The URL that an output is written to. */
  targetOf: (name: OutputName) => string;
}

/**
 * The outputs of one camera: a JPEG for snapshots and the renditions, each behind a gate. Each has a filter chain of its own: with one
 * graph and `split`, ffmpeg 7 stalls all of them while one starves.
 */
export function buildOutputs(options: OutputOptions): FfmpegOutput[] {
  const { renditions, targetOf } = options;
  const pictures = renditions.map((rendition) => ({
    options: rendition.isEncodedHere ? buildEncodedOptions(rendition, options) : buildCopyOptions(),
    target: targetOf(rendition.name),
  }));
  return [...pictures, { options: buildSnapshotOptions(options.video), target: targetOf(snapshotName) }];
}

/** The gate of an output, as commands name it. */
export function gateNameOf(name: OutputName): string {
  return `gate_${name}`;
}

function buildEncodedOptions(rendition: Rendition, options: OutputOptions): string[] {
  const { video, encoder, isLiveFile, isOpen } = options;
  const { name, codec, widthMax, heightMax, bitrateKbps } = rendition;
  const settings = { ...video, widthMax, heightMax, bitrateKbps };
  const gate = buildGate(gateNameOf(name), isOpen(name) ? 'open' : 'closed');
  const filters = [...(isLiveFile ? [] : [buildRateLimit(video.fps)]), ...buildStampedGate(gate), buildFit(settings)];
  const coding = codec === 'vp8' ? buildVp8Options(settings) : buildH264Options(encoder, settings);
  return ['-map', '0:v:0', '-vf', filters.join(','), ...coding, ...container];
}

/**
 * What the camera encoded, as byte stream (ITU-T H.264 Annex B) with parameter sets at each keyframe; there they may stand twice, because
 * network cameras tell them beside the stream, in it, or both.
 */
function buildCopyOptions(): string[] {
  return ['-map', '0:v:0', '-c:v', 'copy', '-bsf:v', 'h264_mp4toannexb,dump_extra=freq=keyframe', ...container];
}

function buildSnapshotOptions(video: EncodingSettings): string[] {
  const filters = [buildGate(gateNameOf(snapshotName), 'closed'), buildFit(video), 'format=yuvj420p'];
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

/**
 * Drops frames of a source that is faster than asked for by more than a tenth. A frame that comes soon after a late one is no sign of that: it passes when
 * it is due by the rhythm asked for, whose beat is half an interval before the next frame is expected. Variables: 0 the beat, 1 the verdict.
 */
function buildRateLimit(fps: number): string {
  const [interval, halfInterval, shortest] = [1 / fps, 0.5 / fps, 0.9 / fps].map((seconds) => seconds.toFixed(6));
  return [
    `select='st(1,isnan(prev_selected_t)+gte(t-prev_selected_t,${shortest})+gte(t,ld(0)))`,
    `if(ld(1),st(0,max(ld(0)+${interval},t-${halfInterval})))`,
    `gt(ld(1),0)'`,
  ].join(';');
}

/**
 * Scales down into the box, never up, to square pixels and even sides (4:2:0 has one colour sample for two by two pixels). A picture that is
 * scaled anyway gets a width of whole multiples of 8, as hardware encoders and decoders want their rows aligned: at other widths some refuse,
 * some show a green edge. The height then follows the width, so that both roundings together change the shape by a
 * pixel at most, which is 2 % of a picture of 50 lines.
 */
export function buildFit({ widthMax, heightMax }: { widthMax: number; heightMax: number }): string {
  const factor = `min(1,min(${widthMax}/(iw*sar),${heightMax}/ih))`;
  const fitting = `iw*sar*${factor}`;
  const isWhole = `eq(${factor},1)*eq(sar,1)`;
  const width = `if(max(${isWhole},lt(${fitting},8)),max(2,2*trunc(${fitting}/2)),8*trunc(${fitting}/8))`;
  const heightOfWidth = `min(2*trunc(${heightMax}/2),2*round(ow*ih/(iw*sar)/2))`;
  const height = `if(${isWhole},max(2,2*trunc(ih/2)),max(2,${heightOfWidth}))`;
  return `scale=w='${width}':h='${height}',setsar=1`;
}
