import { describe, expect, it } from 'vitest';
import { buildH264Options, buildVp8Options, plannedProfileLevelId } from '../../../../agent/camera/encoder.ts';
import { h264LevelFor } from '../../../../agent/camera/h264-level.ts';

const hd = { widthMax: 1280, heightMax: 720, fps: 30, bitrateKbps: 2000, keyframeIntervalMs: 2000 };
const optionValue = (options: string[], name: string) => options[options.indexOf(name) + 1];

describe('h264LevelFor', () => {
  // The examples of ITU-T H.264 table A-6 (maximum frame rates per level), and the limits beside the picture size.
  it.each([
    [{ width: 352, height: 288, fps: 30, bitrateKbps: 700 }, 13],
    [{ width: 640, height: 480, fps: 30, bitrateKbps: 2000 }, 30],
    [{ width: 1280, height: 720, fps: 30, bitrateKbps: 2000 }, 31],
    [{ width: 1280, height: 720, fps: 60, bitrateKbps: 2000 }, 32],
    [{ width: 1920, height: 1080, fps: 30, bitrateKbps: 8000 }, 40],
    [{ width: 1920, height: 1080, fps: 30, bitrateKbps: 40_000 }, 41],
    [{ width: 1920, height: 1080, fps: 60, bitrateKbps: 8000 }, 42],
    [{ width: 3840, height: 2160, fps: 30, bitrateKbps: 20_000 }, 51],
    [{ width: 1280, height: 720, fps: 30, bitrateKbps: 15_000 }, 32],
    [{ width: 2000, height: 16, fps: 1, bitrateKbps: 100 }, 31],
    [{ width: 16_000, height: 16_000, fps: 60, bitrateKbps: 100 }, 52],
  ])('%j needs level_idc %i', (demand, levelIdc) => {
    expect(h264LevelFor(demand)).toBe(levelIdc);
  });
});

describe('the planned profile-level-id', () => {
  it('is constrained baseline at the level that the encoder is given', () => {
    expect(plannedProfileLevelId(hd)).toBe('42c01f');
    expect(optionValue(buildH264Options('libx264', hd), '-level')).toBe('31');
  });
});

describe('buildH264Options', () => {
  it('keeps the rate within a quarter of a second', () => {
    const options = buildH264Options('libx264', hd);
    expect(['-b:v', '-maxrate', '-bufsize'].map((name) => optionValue(options, name))).toEqual([
      '2000k',
      '2000k',
      '500k',
    ]);
  });

  it('gives the hardware encoder only what its driver takes', () => {
    const options = buildH264Options('h264_v4l2m2m', hd);
    expect(options).toContain('h264_v4l2m2m');
    for (const name of ['-g', '-preset', '-x264-params', '-maxrate']) expect(options).not.toContain(name);
  });

  it('tells x264 the frame rate, which ffmpeg does not know any more behind the stamps', () => {
    expect(optionValue(buildH264Options('libx264', { ...hd, fps: 15 }), '-x264-params')).toContain('fps=15');
  });

  it('forces keyframes by the clock and after withheld frames, whatever the codec', () => {
    for (const options of [
      buildH264Options('libx264', hd),
      buildH264Options('h264_v4l2m2m', hd),
      buildVp8Options(hd),
    ]) {
      expect(optionValue(options, '-force_key_frames')).toMatch(/^expr:.*gte\(t-prev_forced_t,1\.98\d*\).*mod\(/);
      expect(optionValue(options, '-fps_mode')).toBe('passthrough');
      expect(optionValue(options, '-enc_time_base')).toBe('1:90000');
    }
  });
});
