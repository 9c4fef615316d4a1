import { beforeEach, describe, expect, it } from 'vitest';
import { SilenceMeter } from '../../../protocol/silence-meter.ts';

let nowMs: number;
let meter: SilenceMeter;

beforeEach(() => {
  nowMs = 5_000;
  meter = new SilenceMeter({ intervalMs: 1_000, nowMs: () => nowMs });
});

function measureAfter(ms: number): number {
  nowMs += ms;
  return meter.measure();
}

describe('silence', () => {
  it('is counted from what was heard last', () => {
    expect(measureAfter(1_000)).toBe(1_000);
    nowMs += 400;
    meter.handleHeard();
    expect([measureAfter(600), measureAfter(1_000)]).toEqual([600, 1_600]);
  });

  it('does not count the time in which our own process stood still', () => {
    expect([measureAfter(6_000), measureAfter(1_000)]).toEqual([1_000, 2_000]);
    meter.handleHeard();
    expect(measureAfter(30_000)).toBe(1_000);
  });

  it('is never negative, however late it is asked after something was heard', () => {
    nowMs += 3_500;
    meter.handleHeard();
    expect(measureAfter(100)).toBe(0);
  });
});
