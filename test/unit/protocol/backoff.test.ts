import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { exponentialBackoff, steppedBackoff } from '../../../protocol/backoff.ts';

const longest = () => 0;
const shortest = () => 1 - Number.EPSILON;

describe('exponentialBackoff', () => {
  it('doubles up to its maximum and stays there', () => {
    const backoff = exponentialBackoff({ initialMs: 1_000, maxMs: 30_000 }, longest);
    expect([0, 1, 2, 3, 4, 5, 6].map(backoff)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
    expect(backoff(1e9)).toBe(30_000);
  });

  it('never waits less than half', () => {
    const backoff = exponentialBackoff({ initialMs: 1_000, maxMs: 30_000 }, shortest);
    expect([0, 1, 5].map(backoff)).toEqual([500, 1_000, 15_000]);
  });

  it('stays within its bounds with real chance', () => {
    const backoff = exponentialBackoff({ initialMs: 200, maxMs: 5_000 });
    fc.assert(
      fc.property(fc.nat(10_000), (attempt) => {
        const delayMs = backoff(attempt);
        expect(delayMs).toBeGreaterThanOrEqual(100);
        expect(delayMs).toBeLessThanOrEqual(5_000);
      }),
    );
  });

  it('parts those that begin together', () => {
    const backoff = exponentialBackoff({ initialMs: 10_000, maxMs: 10_000 });
    expect(new Set(Array.from({ length: 20 }, () => backoff(0))).size).toBeGreaterThan(1);
  });
});

describe('steppedBackoff', () => {
  it('walks its steps and repeats the last', () => {
    const backoff = steppedBackoff([0, 300, 1_000], longest);
    expect([0, 1, 2, 3, 1_000].map(backoff)).toEqual([0, 300, 1_000, 1_000, 1_000]);
    expect(steppedBackoff([0, 300], shortest)(1)).toBe(150);
  });
});
