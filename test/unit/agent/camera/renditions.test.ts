import { describe, expect, it } from 'vitest';
import { buildRenditions } from '../../../../agent/camera/renditions.ts';

const video = { widthMax: 1280, heightMax: 720, fps: 30, bitrateKbps: 2000, keyframeIntervalMs: 2000 };
const build = (options: Partial<Parameters<typeof buildRenditions>[0]> = {}) =>
  buildRenditions({ video, encoder: 'libx264', hasVp8: true, isPassthrough: false, ...options });

describe('buildRenditions', () => {
  it('makes a ladder, and VP8 beside it', () => {
    expect(build().map((r) => [r.name, r.codec, r.widthMax, r.heightMax, r.bitrateKbps])).toEqual([
      ['top', 'h264', 1280, 720, 2000],
      ['half', 'h264', 640, 360, 500],
      ['quarter', 'h264', 320, 180, 166],
      ['vp8', 'vp8', 640, 360, 666],
    ]);
    expect(build({ hasVp8: false }).map(({ name }) => name)).toEqual(['top', 'half', 'quarter']);
  });

  it('has even sizes whatever is asked for', () => {
    const sizes = build({ video: { ...video, widthMax: 1366, heightMax: 767 } }).map((r) => [r.widthMax, r.heightMax]);
    expect(sizes).toEqual([
      [1366, 766],
      [682, 382],
      [340, 190],
      [682, 382],
    ]);
    expect(build({ video: { ...video, widthMax: 4, heightMax: 4 } })[2]).toMatchObject({ widthMax: 2, heightMax: 2 });
  });

  it('asks the hardware encoder for nothing that it hangs at', () => {
    const small = { ...video, bitrateKbps: 240 };
    expect(build({ video: small, encoder: 'h264_v4l2m2m' }).map((r) => r.bitrateKbps)).toEqual([240, 100, 100, 80]);
    expect(build({ video: small }).map((r) => r.bitrateKbps)).toEqual([240, 60, 20, 80]);
  });

  it('says which rendition is not encoded here', () => {
    const copied = (isPassthrough: boolean) =>
      build({ isPassthrough })
        .filter((rendition) => !rendition.isEncodedHere)
        .map(({ name }) => name);
    expect([copied(false), copied(true)]).toEqual([[], ['top']]);
  });
});
