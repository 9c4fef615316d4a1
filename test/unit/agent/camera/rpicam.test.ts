import { EventEmitter } from 'node:events';
import { describe, expect, it, vi } from 'vitest';
import {
  buildRpicamArguments,
  chooseRpicamSize,
  type RpicamStream,
  spawnRpicam,
} from '../../../../agent/camera/rpicam.ts';

const spawn = vi.hoisted(() => vi.fn());
vi.mock('node:child_process', () => ({ spawn }));

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

describe('RpicamProcess', () => {
  it('has not ended just because a signal did not reach it', async () => {
    const child = Object.assign(new EventEmitter(), { stderr: null, kill: () => false });
    spawn.mockReturnValueOnce(child);
    const spawning = spawnRpicam({ programs: ['rpicam-vid'], stream, stdout: 1 });
    child.emit('spawn');
    const spawned = await spawning;
    if (!spawned.ok) throw new Error(spawned.error);
    child.emit('error', new Error('kill EPERM'));
    child.emit('close', 0, null);
    expect(await spawned.value.ended).toBe('rpicam-vid ended with code 0');
  });
});
