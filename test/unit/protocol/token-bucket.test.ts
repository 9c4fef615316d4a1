import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { TokenBucket } from '../../../protocol/token-bucket.ts';

let nowMs = 0;
const buildBucket = (perSecond: number, burst: number) => new TokenBucket({ perSecond, burst, nowMs: () => nowMs });
const takeAll = (bucket: TokenBucket) => {
  let count = 0;
  while (count < 1_000 && bucket.take()) count += 1;
  return count;
};

beforeEach(() => {
  nowMs = 1_000_000;
});

describe('TokenBucket', () => {
  it('starts full and refuses when it is empty', () => {
    expect(takeAll(buildBucket(10, 5))).toBe(5);
  });

  it('fills at its rate, and no fuller than its burst', () => {
    const bucket = buildBucket(10, 5);
    takeAll(bucket);
    nowMs += 99;
    expect(bucket.take()).toBe(false);
    nowMs += 1;
    expect(takeAll(bucket)).toBe(1);
    nowMs += 3_600_000;
    expect(takeAll(bucket)).toBe(5);
  });

  it('loses nothing by being asked often', () => {
    const bucket = buildBucket(1, 1);
    takeAll(bucket);
    for (let step = 0; step < 999; step += 1) {
      nowMs += 1;
      expect(bucket.take()).toBe(false);
    }
    nowMs += 1.01;
    expect(bucket.take()).toBe(true);
  });

  it('never lets more through than burst and rate allow', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(500), { maxLength: 200 }), (pausesMs) => {
        const bucket = buildBucket(20, 40);
        const startMs = nowMs;
        let taken = 0;
        for (const pauseMs of pausesMs) {
          nowMs += pauseMs;
          taken += takeAll(bucket);
          expect(taken).toBeLessThanOrEqual(40 + ((nowMs - startMs) / 1_000) * 20 + 1e-6);
        }
      }),
    );
  });
});
