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
    for (const one of oneWayMs) queue.add({ oneWayMs: one, ownQueueMs: 0, arrivedAtMs: atMs });
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

describe('a standing queue', () => {
  /** Whether it stands after so many packets at an interval, each of which waited for so long. */
  const stands = (waitMs: number, intervalMs: number, packets: number, ownQueueMs = 0) => {
    const queue = new QueueDelay();
    queue.add({ oneWayMs: 20, ownQueueMs: 0, arrivedAtMs: 0 });
    for (let i = 0; i < packets; i += 1) {
      queue.add({ oneWayMs: 20 + waitMs, ownQueueMs, arrivedAtMs: 1_000 + i * intervalMs });
    }
    return queue.isStanding;
  };

  it('is one in which all packets wait for some time', () => {
    expect(stands(60, 10, 31)).toBe(true);
    expect(stands(40, 10, 31)).toBe(false);
    expect(stands(60, 10, 8)).toBe(false);
  });

  it('is not seen in packets that a receiver reads all at once', () => {
    expect(stands(300, 0.2, 100)).toBe(false);
    expect(stands(1_000, 0, 200)).toBe(false);
  });

  it('takes more than a few packets, unless they wait for long', () => {
    expect(stands(300, 50, 4)).toBe(false);
    expect(stands(500, 50, 4)).toBe(true);
  });

  it('is not what our own bursts make', () => {
    expect(stands(100, 10, 40, 80)).toBe(false);
  });

  it('ends with the first packet that waits no more', () => {
    const queue = new QueueDelay();
    for (let i = 0; i < 40; i += 1) queue.add({ oneWayMs: i === 0 ? 20 : 120, ownQueueMs: 0, arrivedAtMs: i * 10 });
    expect(queue.isStanding).toBe(true);
    queue.add({ oneWayMs: 30, ownQueueMs: 0, arrivedAtMs: 410 });
    expect(queue.isStanding).toBe(false);
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
