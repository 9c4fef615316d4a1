import { describe, expect, it } from 'vitest';
import { AppLimit } from '../../../../../agent/media/congestion/app-limit.ts';
import { FeedbackGap } from '../../../../../agent/media/congestion/feedback-gap.ts';

describe('FeedbackGap', () => {
  /** Sends and ticks every 20 ms. Returns when a gap was noticed. */
  function send(gap: FeedbackGap, fromMs: number, toMs: number, rttMs = 50): number[] {
    const noticed: number[] = [];
    for (let atMs = fromMs; atMs <= toMs; atMs += 20) {
      gap.handleSent(atMs, rttMs);
      if (gap.handleTick(atMs)) noticed.push(atMs);
    }
    return noticed;
  }

  it('notices each half second without feedback while packets are sent', () => {
    const gap = new FeedbackGap();
    send(gap, 0, 980);
    gap.handleFeedback(1_000);
    expect(send(gap, 1_000, 2_100)).toEqual([1_520, 2_040]);
    expect(gap.handleFeedback(2_110)).toBe(true);
    expect(gap.handleFeedback(2_200)).toBe(false);
  });

  it('expects none from a receiver that never sent any', () => {
    expect(send(new FeedbackGap(), 0, 5_000)).toEqual([]);
  });

  it('expects none while nothing is sent, and leaves a round trip after a pause', () => {
    const gap = new FeedbackGap();
    send(gap, 0, 980);
    gap.handleFeedback(1_000);
    expect([1_600, 2_000, 5_000].map((atMs) => gap.handleTick(atMs))).toEqual([false, false, false]);
    expect(send(gap, 6_000, 7_000, 300)).toEqual([6_820]);
  });
});

describe('AppLimit', () => {
  function send(limit: AppLimit, kbps: number, targetKbps: number, fromMs: number, toMs: number): boolean {
    for (let atMs = fromMs; atMs < toMs; atMs += 10) {
      limit.handleSent((kbps * 10) / 8);
      limit.update(targetKbps, atMs);
    }
    return limit.isLimited;
  }

  it('tells when clearly less is sent than allowed', () => {
    const limit = new AppLimit();
    expect(send(limit, 950, 1_000, 0, 2_000)).toBe(false);
    expect(send(limit, 700, 1_000, 2_000, 4_000)).toBe(true);
    expect(send(limit, 800, 1_000, 4_000, 6_000)).toBe(true);
    expect(send(limit, 900, 1_000, 6_000, 8_000)).toBe(false);
  });
});
