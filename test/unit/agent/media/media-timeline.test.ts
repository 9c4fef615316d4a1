import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MediaTimeline } from '../../../../agent/media/media-timeline.ts';

describe('MediaTimeline', () => {
  it('is the capture time in ticks of 90 kHz', () => {
    const timeline = new MediaTimeline();
    expect([1000, 1033.5, 60_000].map((ms) => timeline.place(ms))).toEqual([90_000, 93_015, 5_400_000]);
    expect(timeline.ticksAt(1000)).toBe(90_000);
  });

  it('goes on with the true time after a picture of an earlier moment', () => {
    const timeline = new MediaTimeline();
    expect([1000, 990, 1010].map((ms) => timeline.place(ms))).toEqual([90_000, 90_001, 90_900]);
  });

  it('always goes forward', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 2 ** 40, noNaN: true }), { minLength: 2 }), (capturedAtMs) => {
        const timeline = new MediaTimeline();
        const ticks = capturedAtMs.map((ms) => timeline.place(ms));
        expect(ticks.every((time, i) => i === 0 || time > ticks[i - 1]!)).toBe(true);
      }),
    );
  });
});
