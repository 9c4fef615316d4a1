import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { limits } from '../../../../protocol/limits.ts';
import { failure, success } from '../../../../protocol/result.ts';
import { BenchViewer, ManagerBench, viewAdmission } from '../../../helpers/manager-bench.ts';

let bench: ManagerBench;
beforeEach(() => {
  vi.useFakeTimers();
  bench = new ManagerBench();
});
afterEach(async () => {
  expect(await bench.stop()).toEqual({ timers: 0, camerasHeld: 0, peersOpen: 0 });
  vi.useRealTimers();
});

function junk(): Uint8Array {
  const bytes = randomBytes(400);
  bytes[0] = 1;
  return bytes;
}

/** The true clock, taken before the fake one replaces it. */
const { bigint: nowNs } = process.hrtime;

function costMs(run: () => void): number {
  const fromNs = nowNs();
  run();
  return Number(nowNs() - fromNs) / 1e6;
}

it('drops junk from strangers at the price of a hash, and lets a paired viewer in at once', async () => {
  const hellos = Array.from({ length: 2_000 }, junk);
  const spentMs = costMs(() => {
    for (const [at, bytes] of hellos.entries()) bench.manager.handleMessage(`stranger${at}`, bytes);
  });
  // 0.03 ms each where this was written; the bound is for a busy machine.
  expect(spentMs / hellos.length).toBeLessThan(1);
  expect(await new BenchViewer(bench).hello()).toMatchObject({ type: 'offer' });
  expect(bench.sent).toHaveLength(1);
});

it('bounds what those who know the link can make it compute', async () => {
  bench.authorise.mockResolvedValue(failure('unauthorised'));
  const strangers = Array.from({ length: 120 }, () => new BenchViewer(bench));
  for (const stranger of strangers) bench.manager.handleMessage(stranger.sid, stranger.buildHello());
  await vi.advanceTimersByTimeAsync(0);
  expect(bench.authorise).toHaveBeenCalledTimes(2 * limits.hellosPerSecond);
  expect(bench.peers).toEqual([]);
});

it('lets a paired viewer in at once in the middle of a flood of those who know the link', async () => {
  bench.authorise.mockImplementation(async ({ viewerId }) =>
    bench.paired.has(viewerId) ? success(viewAdmission) : failure('unauthorised'),
  );
  const viewer = new BenchViewer(bench);
  bench.paired.add(viewer.viewerId);
  for (let count = 0; count < 120; count += 1) {
    const stranger = new BenchViewer(bench);
    bench.manager.handleMessage(stranger.sid, stranger.buildHello());
  }
  expect(await viewer.hello()).toMatchObject({ type: 'offer' });
});

it('bounds the hellos of a paired viewer too', async () => {
  const viewer = new BenchViewer(bench);
  bench.paired.add(viewer.viewerId);
  for (let count = 0; count < 40; count += 1) {
    const attempt = new BenchViewer(bench, viewer.keys);
    bench.manager.handleMessage(attempt.sid, attempt.buildHello());
  }
  await vi.advanceTimersByTimeAsync(0);
  expect(bench.authorise).toHaveBeenCalledTimes(10 * limits.hellosPerViewerPerSecond);
});

it('does not let strangers fill the log', async () => {
  bench.authorise.mockResolvedValue(failure('unauthorised'));
  const stranger = new BenchViewer(bench);
  for (let second = 0; second < 10; second += 1) {
    for (let count = 0; count < 20; count += 1) await stranger.hello();
    await vi.advanceTimersByTimeAsync(1_000);
  }
  const refusals = bench.logger.events.filter(({ message }) => message === 'viewer refused');
  expect(refusals).toHaveLength(200);
  expect(refusals.filter(({ level }) => level === 'info').length).toBeLessThanOrEqual(20);
});
