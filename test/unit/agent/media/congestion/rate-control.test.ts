import { describe, expect, it } from 'vitest';
import { RateControl, type RateControlInput } from '../../../../../agent/media/congestion/rate-control.ts';
import { StandingQueue } from '../../../../../agent/media/congestion/standing-queue.ts';

const limits = { startKbps: 1_000, minKbps: 100, maxKbps: 10_000 };

function inputAt(atMs: number, input: Partial<RateControlInput>): RateControlInput {
  return { usage: 'normal', acknowledgedKbps: 1_000, isAppLimited: false, rttMs: 50, atMs, ...input };
}

function runNormal(control: RateControl, seconds: number, input: Partial<RateControlInput>, fromMs = 0): void {
  for (let atMs = fromMs; atMs <= fromMs + seconds * 1_000; atMs += 100) control.update(inputAt(atMs, input));
}

describe('RateControl', () => {
  it('grows by 8 % a second while the capacity is unknown', () => {
    const control = new RateControl(limits);
    runNormal(control, 3, {});
    expect(control.kbps).toBeCloseTo(1_000 * 1.08 ** 3, 0);
  });

  it('never runs further ahead of what arrives than half of it', () => {
    const control = new RateControl(limits);
    runNormal(control, 60, {});
    expect(control.kbps).toBe(1_510);
  });

  it('decreases to 85 % of what arrives, once in a round trip', () => {
    const control = new RateControl(limits);
    expect(control.update(inputAt(0, { usage: 'overuse', acknowledgedKbps: 800 }))).toBe('decrease');
    expect(control.kbps).toBeCloseTo(680);
    expect(control.update(inputAt(20, { usage: 'overuse', acknowledgedKbps: 600 }))).toBe('hold');
    expect(control.update(inputAt(60, { usage: 'overuse', acknowledgedKbps: 600 }))).toBe('decrease');
    expect(control.kbps).toBeCloseTo(510);
  });

  it('halves when it does not know what arrives', () => {
    const control = new RateControl(limits);
    control.update(inputAt(0, { usage: 'overuse', acknowledgedKbps: null }));
    expect(control.kbps).toBe(500);
  });

  it('does not grow while a queue empties', () => {
    const control = new RateControl(limits);
    runNormal(control, 2, { usage: 'underuse' });
    expect(control.kbps).toBe(1_000);
  });

  it('grows slowly near the capacity, and fast again beyond it', () => {
    const control = new RateControl(limits);
    control.update(inputAt(0, { usage: 'overuse', acknowledgedKbps: 1_000 }));
    expect(control.isNearCapacity).toBe(true);
    runNormal(control, 2, {}, 100);
    expect(control.kbps).toBeGreaterThan(880);
    expect(control.kbps).toBeLessThan(930);
    runNormal(control, 10, { acknowledgedKbps: 1_200 }, 2_100);
    expect(control.isNearCapacity).toBe(false);
    expect(control.kbps).toBeGreaterThan(1_200);
  });

  it('goes down in steps to what an idle application sends', () => {
    const control = new RateControl({ ...limits, startKbps: 4_000 });
    control.update(inputAt(0, { usage: 'overuse', acknowledgedKbps: 1_000, isAppLimited: true }));
    expect(control.kbps).toBeCloseTo(2_000);
    control.update(inputAt(200, { usage: 'overuse', acknowledgedKbps: 1_000, isAppLimited: true }));
    expect(control.kbps).toBeCloseTo(1_000);
    control.update(inputAt(400, { usage: 'overuse', acknowledgedKbps: 1_000, isAppLimited: true }));
    expect(control.kbps).toBeCloseTo(850);
  });

  it('stays within its bounds', () => {
    const control = new RateControl(limits);
    control.setEstimate(1e9, 0);
    expect(control.kbps).toBe(10_000);
    control.update(inputAt(1_000, { usage: 'overuse', acknowledgedKbps: 0 }));
    expect(control.kbps).toBe(100);
  });
});

describe('StandingQueue', () => {
  it('sends less until a long queue is gone', () => {
    const queue = new StandingQueue();
    queue.update({ queueMs: 400, didDecrease: true, atMs: 0 });
    expect(queue.drainKbps(1_000)).toBe(500);
    queue.update({ queueMs: 790, didDecrease: false, atMs: 100 });
    expect(queue.drainKbps(1_000)).toBeCloseTo(300);
    expect(queue.excusesOveruse(100)).toBe(false);
    queue.update({ queueMs: 80, didDecrease: false, atMs: 1_200 });
    expect(queue.excusesOveruse(1_200)).toBe(true);
    queue.update({ queueMs: 30, didDecrease: false, atMs: 1_300 });
    expect(queue.drainKbps(1_000)).toBe(Number.POSITIVE_INFINITY);
    expect(queue.excusesOveruse(1_300)).toBe(false);
  });

  it('leaves a short queue to the usual decrease', () => {
    const queue = new StandingQueue();
    queue.update({ queueMs: 90, didDecrease: true, atMs: 0 });
    expect(queue.drainKbps(1_000)).toBe(Number.POSITIVE_INFINITY);
  });

  it('gives up against a queue of somebody else, until it grows twice as long', () => {
    const queue = new StandingQueue();
    queue.update({ queueMs: 200, didDecrease: true, atMs: 0 });
    queue.update({ queueMs: 200, didDecrease: false, atMs: 3_201 });
    expect(queue.drainKbps(1_000)).toBe(Number.POSITIVE_INFINITY);
    expect(queue.excusesOveruse(10_000)).toBe(true);
    queue.update({ queueMs: 390, didDecrease: false, atMs: 10_000 });
    expect(queue.excusesOveruse(10_000)).toBe(true);
    queue.update({ queueMs: 410, didDecrease: false, atMs: 10_100 });
    expect(queue.excusesOveruse(10_100)).toBe(false);
  });
});
