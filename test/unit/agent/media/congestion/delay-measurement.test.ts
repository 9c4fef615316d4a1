import { describe, expect, it } from 'vitest';
import { ArrivalClock } from '../../../../../agent/media/congestion/arrival-clock.ts';
import { DelaySlots } from '../../../../../agent/media/congestion/delay-slots.ts';
import { OwnQueue } from '../../../../../agent/media/congestion/own-queue.ts';
import { QueueDelay } from '../../../../../agent/media/congestion/queue-delay.ts';
import { Trendline } from '../../../../../agent/media/congestion/trendline.ts';

describe('OwnQueue', () => {
  it('grows with a burst, and empties a little faster than the target', () => {
    const queue = new OwnQueue();
    expect(queue.add(1_000, 1_000, 0)).toBeCloseTo(8);
    expect(queue.add(1_000, 1_000, 0)).toBeCloseTo(16);
    expect(queue.add(1_000, 1_000, 10)).toBeCloseTo(16 - 11.5 + 8);
    expect(queue.add(1_000, 1_000, 1_000)).toBeCloseTo(8);
  });
});

describe('DelaySlots', () => {
  it('keeps the least delay of each 25 ms', () => {
    const slots = new DelaySlots();
    const delays = [30, 12, 50, 40, 9, 11];
    const found = delays.map((delayMs, i) => slots.add(delayMs, i * 10));
    expect(found).toEqual([null, null, null, { delayMs: 12, elapsedMs: 30 }, null, null]);
    expect(slots.add(80, 60)).toEqual({ delayMs: 9, elapsedMs: 30 });
  });
});

describe('Trendline', () => {
  const feed = (trendline: Trendline, samples: number, delayAt: (i: number) => number) => {
    let slope = 0;
    for (let i = 0; i < samples; i += 1) slope = trendline.add(delayAt(i), i * 25);
    return slope;
  };

  it('says nothing before its window is full', () => {
    expect(feed(new Trendline(), 19, (i) => i * 100)).toBe(0);
  });

  it('measures how fast a delay grows or shrinks', () => {
    expect(feed(new Trendline(), 100, (i) => i * 5)).toBeCloseTo(0.2, 2);
    expect(feed(new Trendline(), 100, (i) => 1_000 - i * 5)).toBeCloseTo(-0.2, 2);
    expect(feed(new Trendline(), 100, () => 70)).toBe(0);
  });

  it('survives samples of the same moment', () => {
    const trendline = new Trendline();
    for (let i = 0; i < 30; i += 1) expect(trendline.add(i, 1_000)).toBe(0);
  });
});

describe('QueueDelay', () => {
  const measure = (queue: QueueDelay, atMs: number, ...oneWayMs: number[]) => {
    for (const one of oneWayMs) queue.add(one);
    queue.endFeedback(atMs);
    return queue.ms;
  };

  it('is the luckiest packet above the least delay seen, whatever the clocks show', () => {
    const queue = new QueueDelay();
    expect(measure(queue, 0, -4_980, -4_970)).toBe(0);
    expect(measure(queue, 60, -4_900, -4_880)).toBe(80);
    expect(measure(queue, 120)).toBe(80);
  });

  it('forgets the least delay after a while, as clocks drift and routes change', () => {
    const queue = new QueueDelay();
    measure(queue, 0, 20);
    expect(measure(queue, 14_000, 60)).toBe(40);
    expect(measure(queue, 16_000, 60)).toBe(40);
    expect(measure(queue, 31_000, 60)).toBe(0);
  });
});

describe('ArrivalClock', () => {
  const periodMs = 2 ** 24 * 64;

  it('goes on over a wrap, forwards and back', () => {
    const clock = new ArrivalClock();
    const start = clock.unwrap(periodMs / 2 - 10);
    expect(clock.unwrap(-periodMs / 2 + 5) - start).toBe(15);
    expect(clock.unwrap(periodMs / 2 - 1) - start).toBe(9);
    expect(clock.unwrap(-periodMs / 2 + 20) - start).toBe(30);
  });
});
