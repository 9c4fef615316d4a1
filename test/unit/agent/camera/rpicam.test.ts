import { describe, expect, it } from 'vitest';
import { buildRpicamArguments, chooseRpicamSize, type RpicamStream } from '../../../../agent/camera/rpicam.ts';

const stream: RpicamStream = {
  ...{ index: 1, codec: 'yuv420' as const, width: 1280, height: 720, fps: 30 },
  ...{ bitrateKbps: 2000, keyframeIntervalMs: 2000 },
};

describe('chooseRpicamSize', () => {
  it.each([
    [1280, 720, 1280, 720],
    [854, 481, 832, 480],
    [40, 40, 64, 40],
  ])('takes lines without padding: %d x %d', (widthMax, heightMax, width, height) => {
    expect(chooseRpicamSize({ widthMax, heightMax })).toEqual({ width, height });
  });
});

describe('buildRpicamArguments', () => {
  it('asks for raw pictures on standard output for ever, without a window', () => {
    const line = buildRpicamArguments(stream).join(' ');
    expect(line).toContain('--camera 1 --nopreview');
    expect(line).toContain('--timeout 0 --flush --width 1280 --height 720 --framerate 30 --codec yuv420 --output -');
    expect(line).not.toContain('--bitrate');
  });

  it('asks for H.264 that a viewer can join', () => {
    const line = buildRpicamArguments({ ...stream, codec: 'h264' }).join(' ');
    expect(line).toContain('--codec h264 --profile baseline --inline --bitrate 2000000 --intra 60');
  });
});
