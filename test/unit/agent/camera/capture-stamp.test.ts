import { describe, expect, it } from 'vitest';
import { buildStampedGate, capturedAtMs } from '../../../../agent/camera/capture-stamp.ts';

const wallClockMs = 1_700_000_000_000;
const captured = (ageMs: number) =>
  capturedAtMs({ stampTicks90k: (wallClockMs - ageMs) * 90, arrivedAtMs: 50_000, wallClockMs });

describe('the time a picture was taken', () => {
  it('is as long before its arrival as the stamp says, on the clock of the arrival', () => {
    expect(captured(20)).toBeCloseTo(50_000 - 20.5, 3);
  });

  it('is never after the arrival and never more than 2 s before, though the wall clock jumps', () => {
    expect(captured(-3_600_000)).toBe(50_000);
    expect(captured(3_600_000)).toBe(48_000);
  });
});

describe('buildStampedGate', () => {
  it('numbers pictures before the gate and stamps them behind it', () => {
    const filters = buildStampedGate('GATE');
    expect(filters.indexOf('setpts=N')).toBeLessThan(filters.indexOf('GATE'));
    expect(filters.at(-1)).toMatch(/RTCTIME.*PREV_INPTS/);
    // Without it the time would be as coarse as a frame.
    expect(filters[0]).toBe('settb=1/90000');
  });
});
