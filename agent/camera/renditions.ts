import type { VideoCodec } from '../../protocol/messages.ts';
import type { EncoderName, EncodingSettings } from './encoder.ts';

/** Largest first; `vp8` is for browsers without H.264. */
export type RenditionName = 'top' | 'half' | 'quarter' | 'vp8';

/** One encoding of the picture. */
export interface Rendition {
  name: RenditionName;
  codec: VideoCodec;
  /** Largest picture, in even pixels; the source's shape may make it smaller. */
  widthMax: number;
  heightMax: number;
  bitrateKbps: number;
  /**
   * False for a copy of what the camera encodes itself: its keyframes come when the camera likes, `widthMax` to `bitrateKbps`
   * say nothing about it, and it comes whether or not anybody wants it.
   */
  isEncodedHere: boolean;
}

interface Rung {
  name: RenditionName;
  codec: VideoCodec;
  /** Divides both sides of the largest picture. */
  sizeDivisor: number;
  bitrateDivisor: number;
}

const ladder: readonly Rung[] = [
  { name: 'top', codec: 'h264', sizeDivisor: 1, bitrateDivisor: 1 },
  { name: 'half', codec: 'h264', sizeDivisor: 2, bitrateDivisor: 4 },
  { name: 'quarter', codec: 'h264', sizeDivisor: 4, bitrateDivisor: 12 },
];
/** VP8 takes about a third more bits than H.264 for the same picture, and more time. */
const vp8Rung: Rung = { name: 'vp8', codec: 'vp8', sizeDivisor: 2, bitrateDivisor: 3 };

/** Below it the firmware of the Raspberry Pi hangs. */
const hardwareMinKbps = 100;

/** @param options.isPassthrough the camera encodes H.264 itself, and `top` is that */
export function buildRenditions(options: {
  video: EncodingSettings;
  encoder: EncoderName;
  hasVp8: boolean;
  isPassthrough: boolean;
}): readonly Rendition[] {
  const { video, encoder, hasVp8, isPassthrough } = options;
  return [...ladder, ...(hasVp8 ? [vp8Rung] : [])].map(({ name, codec, sizeDivisor, bitrateDivisor }) => {
    const minKbps = codec === 'h264' && encoder === 'h264_v4l2m2m' ? hardwareMinKbps : 1;
    return {
      name,
      codec,
      widthMax: evenPart(video.widthMax / sizeDivisor),
      heightMax: evenPart(video.heightMax / sizeDivisor),
      bitrateKbps: Math.max(minKbps, Math.floor(video.bitrateKbps / bitrateDivisor)),
      isEncodedHere: !(isPassthrough && name === 'top'),
    };
  });
}

function evenPart(pixels: number): number {
  return Math.max(2, 2 * Math.floor(pixels / 2));
}
