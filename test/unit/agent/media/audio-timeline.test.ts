import { describe, expect, it } from 'vitest';
import { AudioTimeline } from '../../../../agent/media/audio-timeline.ts';

const frameTicks = 960;
const ticksPerMs = 48;

/** Places frames of 20 ms with these capture times. */
function place(timeline: AudioTimeline, capturedAtMs: number[]): number[] {
  return capturedAtMs.map((ms) => timeline.place({ capturedAtMs: ms, durationTicks: frameTicks }));
}

const steps = (ticks: number[]) => ticks.slice(1).map((time, i) => time - ticks[i]!);
const everyMs = (intervalMs: number, count: number, startMs = 0) =>
  Array.from({ length: count }, (_, i) => startMs + i * intervalMs);

describe('AudioTimeline', () => {
  it('begins at the first capture time and counts samples, however the capture times jitter', () => {
    const timeline = new AudioTimeline(ticksPerMs);
    const captured = everyMs(20, 500, 1_000).map((ms, i) => ms + ((i * 7) % 30) - 15);
    const ticks = place(timeline, captured);
    expect(ticks[0]).toBe(Math.round(captured[0]! * ticksPerMs));
    expect(new Set(steps(ticks))).toEqual(new Set([frameTicks]));
  });

  it('leaves a gap where the source left one', () => {
    const timeline = new AudioTimeline(ticksPerMs);
    place(timeline, everyMs(20, 10));
    const [after] = place(timeline, [1_180]);
    expect(after).toBe(1_180 * ticksPerMs);
  });

  it('never goes back, whatever the source says', () => {
    const timeline = new AudioTimeline(ticksPerMs);
    const ticks = place(timeline, [5_000, 5_020, 0, 20, 40, 9_000, 8_000]);
    expect(Math.min(...steps(ticks))).toBe(frameTicks);
  });

  it.each([
    ['fast', 19.99],
    ['slow', 20.01],
  ])(
    'stays continuous for hours with a sound card that is %s, and knows how far it has strayed',
    (_name, intervalMs) => {
      const timeline = new AudioTimeline(ticksPerMs);
      const captured = everyMs(intervalMs, 360_000);
      const ticks = place(timeline, captured);
      expect(new Set(steps(ticks))).toEqual(new Set([frameTicks]));
      const strayedMs = Math.abs(ticks.at(-1)! / ticksPerMs - captured.at(-1)!);
      expect(strayedMs).toBeGreaterThan(3_000);
      const reportedMs = (ticks.at(-1)! - timeline.ticksAt(captured.at(-1)!)) / ticksPerMs;
      expect(Math.abs(reportedMs)).toBeLessThan(1);
    },
  );
});
