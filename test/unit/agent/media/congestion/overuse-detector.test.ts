import { expect, it } from 'vitest';
import { OveruseDetector } from '../../../../../agent/media/congestion/overuse-detector.ts';

const intervalMs = 25;

/** Feeds trends, with a delay that does not climb, and returns the usage after each. */
function feed(detector: OveruseDetector, trends: readonly number[], delayAt = (_: number) => 0) {
  return trends.map((trend, i) =>
    detector.update({ delayMs: delayAt(i), trend, samples: 60, elapsedMs: intervalMs, atMs: i * intervalMs }),
  );
}

it('takes a trend for over-use that lasts, not a single one', () => {
  expect(feed(new OveruseDetector(), [0.2, 0.2, 0.2])).toEqual(['normal', 'overuse', 'overuse']);
  expect(feed(new OveruseDetector(), [0.2, 0, 0.2, 0])).toEqual(['normal', 'normal', 'normal', 'normal']);
});

it('waits while the trend is about to end', () => {
  expect(feed(new OveruseDetector(), [0.3, 0.2, 0.19])).toEqual(['normal', 'normal', 'normal']);
});

it('takes a falling trend for a queue that empties', () => {
  expect(feed(new OveruseDetector(), [-0.2])).toEqual(['underuse']);
});

it('learns the noise of a path, and forgets it when the path is quiet', () => {
  const detector = new OveruseDetector();
  const noise = Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? 0.08 : -0.08));
  const trend = 0.06;
  expect(feed(new OveruseDetector(), [trend, trend]).at(-1)).toBe('overuse');
  feed(detector, noise);
  expect(feed(detector, [trend, trend]).at(-1)).toBe('normal');
  feed(detector, new Array(200).fill(0));
  expect(feed(detector, [trend, trend]).at(-1)).toBe('overuse');
});

it('sees a steep climb of the delay before there is a trend', () => {
  const steep = feed(new OveruseDetector(), [0, 0, 0, 0, 0], (i) => i * 20);
  expect(steep).toEqual(['normal', 'normal', 'normal', 'overuse', 'overuse']);
  const slow = feed(new OveruseDetector(), new Array(40).fill(0), (i) => i * 5);
  expect(new Set(slow)).toEqual(new Set(['normal']));
});
