import { describe, expect, it } from 'vitest';
import { type CameraEvent, type CameraState, nextCameraState } from '../../../../agent/camera/camera-state.ts';

const states: CameraState[] = ['idle', 'starting', 'live', 'restarting', 'missing', 'stopped'];
const walk = (...events: CameraEvent[]) =>
  events.reduce<CameraState>((state, event) => nextCameraState(state, event) ?? state, 'idle');

describe('the states of a camera', () => {
  it('goes live with the first frame and idle when nobody wants it', () => {
    expect(walk('wanted', 'frame')).toBe('live');
    expect(walk('wanted', 'frame', 'unwanted')).toBe('idle');
  });

  it('stays restarting or missing until a frame comes', () => {
    expect(walk('wanted', 'frame', 'failed', 'wanted')).toBe('restarting');
    expect(walk('wanted', 'source-missing', 'source-missing')).toBe('missing');
    expect(walk('wanted', 'source-missing', 'failed', 'frame')).toBe('live');
  });

  it('ignores what a run says after it is unwanted', () => {
    for (const event of ['frame', 'failed', 'source-missing'] as const)
      expect(nextCameraState('idle', event)).toBeNull();
  });

  it('is stopped from everywhere and for good', () => {
    for (const state of states.filter((state) => state !== 'stopped'))
      expect(nextCameraState(state, 'closed')).toBe('stopped');
    for (const event of ['wanted', 'frame', 'failed', 'closed'] as const)
      expect(nextCameraState('stopped', event)).toBeNull();
  });
});
