import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MediaTimeline } from '../../../../agent/media/media-timeline.ts';

/** Places units given as [presentation time, arrival] in milliseconds and returns their times in milliseconds. */
function place(units: [number, number][]): number[] {
  const timeline = new MediaTimeline();
  return units.map(([ptsMs, arrivedAtMs]) => timeline.place({ ptsTicks90k: ptsMs * 90, arrivedAtMs }) / 90);
}

describe('MediaTimeline', () => {
  it('begins at the arrival of the first unit and keeps the distances of the source', () => {
    const late = [1000, 1033 + 20, 1067 + 5, 1100 + 90] as const;
    expect(
      place([
        [500, late[0]],
        [533, late[1]],
        [567, late[2]],
        [600, late[3]],
      ]),
    ).toEqual([1000, 1033, 1067, 1100]);
  });

  it('goes on when the encoder starts again at zero', () => {
    expect(
      place([
        [60_000, 1000],
        [60_033, 1033],
        [0, 3000],
        [33, 3033],
      ]),
    ).toEqual([1000, 1033, 3000, 3033]);
  });

  it('does not jump ahead with the source', () => {
    expect(
      place([
        [0, 1000],
        [3_600_000, 1033],
        [3_600_033, 1066],
      ]),
    ).toEqual([1000, 1033, 1066]);
  });

  it('stands for the pause when source and arrival pause together', () => {
    expect(
      place([
        [0, 1000],
        [20_000, 21_005],
        [20_033, 21_033],
      ]),
    ).toEqual([1000, 21_000, 21_033]);
  });

  it('finds the least delayed unit after a burst', () => {
    const burst = place([
      [0, 1500],
      [33, 1501],
      [66, 1502],
      [99, 1503],
      [500, 1510],
      [533, 1543],
    ]);
    expect(burst.slice(-2)).toEqual([1510, 1543]);
  });

  it('catches up with a source that runs slow', () => {
    const units = Array.from({ length: 200 }, (_, i): [number, number] => [i * 20, 1000 + i * 40]);
    const lags = place(units).map((ms, i) => 1000 + i * 40 - ms);
    expect(Math.max(...lags)).toBeLessThanOrEqual(1000);
    expect(Math.max(...lags)).toBeGreaterThan(900);
  });

  it('always goes forward and never lags by more than a second, whatever the source says', () => {
    const step = fc.tuple(fc.integer({ min: -(2 ** 40), max: 2 ** 40 }), fc.integer({ min: 1, max: 5000 }));
    fc.assert(
      fc.property(fc.array(step, { minLength: 2, maxLength: 50 }), (steps) => {
        let arrivedAtMs = 0;
        const units = steps.map(([ptsMs, waitMs]): [number, number] => {
          arrivedAtMs += waitMs;
          return [ptsMs, arrivedAtMs];
        });
        const times = place(units);
        for (let i = 1; i < times.length; i += 1) {
          expect(times[i]!).toBeGreaterThan(times[i - 1]!);
          expect(units[i]![1] - times[i]!).toBeLessThanOrEqual(1000);
        }
      }),
    );
  });
});
