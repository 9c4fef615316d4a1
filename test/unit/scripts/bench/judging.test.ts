import { describe, expect, it } from 'vitest';
import { buildAdaptationFigures, type Course } from '../../../../scripts/bench/adaptation-figures.ts';
import { type Figure, verdictOf } from '../../../../scripts/bench/figure.ts';
import { judgeFlow } from '../../../../scripts/bench/picture-flow.ts';
import { parseCpuMs } from '../../../../scripts/bench/process-usage.ts';
import { formatTable } from '../../../../scripts/bench/report-table.ts';
import { median, quantile } from '../../../../scripts/bench/statistics.ts';

describe('the verdict on a figure', () => {
  it('compares with the upper or the lower bound, which are still good', () => {
    expect(verdictOf({ value: 100, target: { max: 100 } })).toBe('met');
    expect(verdictOf({ value: 100.1, target: { max: 100 } })).toBe('missed');
    expect(verdictOf({ value: 29, target: { min: 30 } })).toBe('missed');
  });

  it('takes "never" for a miss, and what is not known for neither', () => {
    expect(verdictOf({ value: Number.POSITIVE_INFINITY, target: { max: 4000 } })).toBe('missed');
    expect(verdictOf({ value: null, target: { max: 4000 } })).toBe('not measured');
    expect(verdictOf({ value: Number.NaN, target: { max: 4000 } })).toBe('not measured');
    expect(verdictOf({ value: 1 })).toBe('no target');
  });
});

describe('the flow of pictures', () => {
  const every = (stepMs: number, fromMs: number, untilMs: number) =>
    Array.from({ length: Math.floor((untilMs - fromMs) / stepMs) }, (_, index) => fromMs + (index + 1) * stepMs);

  it('is without freeze when pictures come regularly', () => {
    expect(judgeFlow(every(33, 0, 1000), 0, 1000)).toEqual({ frames: 30, longestGapMs: 33, frozenMs: 0, freezes: 0 });
  });

  it('counts pauses of 200 ms and more', () => {
    const flow = judgeFlow([...every(33, 0, 330), ...every(33, 630, 1000)], 0, 1000);
    expect(flow).toMatchObject({ longestGapMs: 333, frozenMs: 333, freezes: 1 });
  });

  it('sees the pause that lasts until the end, and one of a page that never saw a picture', () => {
    expect(judgeFlow([100], 0, 5000)).toMatchObject({ longestGapMs: 4900, frozenMs: 4900, freezes: 1 });
    expect(judgeFlow([], 0, 5000)).toEqual({ frames: 0, longestGapMs: 5000, frozenMs: 5000, freezes: 1 });
  });
});

describe('the figures of an adaptation', () => {
  const course: Course = {
    beganAtFullSize: true,
    down: { frames: 100, longestGapMs: 240, frozenMs: 240, freezes: 1 },
    worstQueueDelayMs: 800,
    settledMs: null,
    restoredMs: 5_000,
    narrowestPx: 320,
  };
  const baselines = (figures: Figure[]) => figures.flatMap(({ baseline }) => (baseline ? [baseline.value] : []));

  it('have the pinned picture beside them', () => {
    const figures = buildAdaptationFigures(course, { ...course, narrowestPx: 1280 });
    expect(baselines(figures)).toEqual([240, Number.POSITIVE_INFINITY, 800, 240]);
    expect(figures[0]?.note).toContain('baseline 1280');
  });

  it('have no baseline, and say why, when that picture was not of full size', () => {
    const figures = buildAdaptationFigures(course, { ...course, beganAtFullSize: false });
    expect(baselines(figures)).toEqual([null, null, null, null]);
    expect(figures[0]?.note).toContain('not measured');
    expect(figures[0]?.value).toBe(240);
  });
});

describe('statistics', () => {
  it('interpolate between neighbours', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 3])).toBe(2.5);
    expect(quantile([10, 20, 30, 40, 50], 0.95)).toBeCloseTo(48);
    expect(median([])).toBeNaN();
  });
});

describe('the CPU time of a process', () => {
  it('is read past a name with blanks and parentheses', () => {
    const stat = `42 (a (b) c) S 1 42 42 0 -1 4194304 900 0 0 0 150 50 7 8 20 0 11 0 1 2 3`;
    expect(parseCpuMs(stat)).toBe(2000);
  });
});

describe('the table', () => {
  const figure: Figure = {
    id: 'first-frame.warm',
    title: 'first frame',
    unit: 'ms',
    value: 120.4,
    target: { max: 100 },
    baseline: { what: 'without cache', value: 1601 },
    note: 'on a busy machine',
  };

  it('says value, target, verdict, baseline and note', () => {
    const table = formatTable([figure]);
    for (const text of ['120 ms', '<= 100 ms', 'MISSED', '1601 ms (without cache)', 'on a busy machine']) {
      expect(table).toContain(text);
    }
  });

  it('shows what was not measured, and what never came', () => {
    expect(formatTable([{ ...figure, value: null }])).toMatch(/first frame +- .*not measured/);
    expect(formatTable([{ ...figure, value: Number.POSITIVE_INFINITY }])).toMatch(/never .*MISSED/);
  });
});
