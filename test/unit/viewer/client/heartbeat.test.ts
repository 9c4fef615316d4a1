import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { limits } from '../../../../protocol/limits.ts';
import { Heartbeat } from '../../../../viewer/client/heartbeat.ts';

const onDead = vi.fn();
let sent: { type: string; sentAtMs: number }[];
let heartbeat: Heartbeat;

beforeEach(() => {
  vi.useFakeTimers();
  onDead.mockClear();
  sent = [];
  heartbeat = new Heartbeat({ send: (text) => sent.push(JSON.parse(text)), onDead });
});
afterEach(() => {
  heartbeat.stop();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

function pong(heldMs = 0): void {
  const { sentAtMs } = sent.at(-1) ?? { sentAtMs: 0 };
  heartbeat.handlePong({ type: 'pong', pingSentAtMs: sentAtMs, receivedAtMs: 1_000, sentAtMs: 1_000 + heldMs });
}

it('pings at once and every second', async () => {
  const startedAtMs = performance.now();
  heartbeat.start();
  await vi.advanceTimersByTimeAsync(2_000);
  expect(sent.map(({ sentAtMs }) => sentAtMs - startedAtMs)).toEqual([0, 1_000, 2_000]);
});

it('measures the round trip without the time that the device took', async () => {
  heartbeat.start();
  expect(heartbeat.rttMs).toBeNull();
  await vi.advanceTimersByTimeAsync(50);
  pong(20);
  expect(heartbeat.rttMs).toBe(30);
});

it('lives on pongs, and calls the path dead once after 4 s without', async () => {
  heartbeat.start();
  for (let second = 0; second < 30; second += 1) {
    pong();
    await vi.advanceTimersByTimeAsync(1_000);
  }
  expect(onDead).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(limits.deadPathMs - 1_000 - 1);
  expect(onDead).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(1);
  expect(onDead).toHaveBeenCalledOnce();
  expect(vi.getTimerCount()).toBe(0);
});

it('lives on whatever else of the device arrives, as pongs may wait behind it', async () => {
  heartbeat.start();
  for (let second = 0; second < 30; second += 1) {
    heartbeat.handleHeard();
    await vi.advanceTimersByTimeAsync(1_000);
  }
  expect(onDead).not.toHaveBeenCalled();
  await vi.advanceTimersByTimeAsync(limits.deadPathMs);
  expect(onDead).toHaveBeenCalledOnce();
});
