import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Watchdog } from '../../../../agent/ffmpeg/watchdog.ts';

let silences: number[];
let watchdog: Watchdog;
let stoodStillMs: number;

/** As after SIGSTOP, or when the event loop is blocked: time passes, and no timer fires. */
function standStillFor(ms: number): void {
  stoodStillMs += ms;
}

beforeEach(() => {
  vi.useFakeTimers();
  silences = [];
  stoodStillMs = 0;
  const now = performance.now.bind(performance);
  vi.spyOn(performance, 'now').mockImplementation(() => now() + stoodStillMs);
  watchdog = new Watchdog({ firstTimeoutMs: 1000, timeoutMs: 300, onSilence: (ms) => silences.push(ms) });
});

afterEach(() => {
  watchdog.stop();
  expect(vi.getTimerCount()).toBe(0);
  vi.restoreAllMocks();
  vi.useRealTimers();
});

describe('Watchdog', () => {
  it('waits longer for the first than for the next', () => {
    watchdog.start();
    vi.advanceTimersByTime(999);
    watchdog.feed();
    vi.advanceTimersByTime(299);
    expect(silences).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(silences).toEqual([300]);
  });

  it('tells that nothing came at all', () => {
    watchdog.start();
    vi.advanceTimersByTime(1000);
    expect(silences).toEqual([1000]);
  });

  it('waits for ever for the first where it was not started, and tells of each silence once', () => {
    vi.advanceTimersByTime(60_000);
    for (let round = 0; round < 2; round += 1) {
      watchdog.feed();
      vi.advanceTimersByTime(200);
      watchdog.feed();
      vi.advanceTimersByTime(10_000);
    }
    expect(silences).toEqual([300, 300]);
  });

  it('lets what came while the process stood still be read first', () => {
    watchdog.feed();
    standStillFor(5_000);
    vi.advanceTimersByTime(300);
    expect(silences).toEqual([]);
    watchdog.feed();
    vi.advanceTimersByTime(299);
    expect(silences).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(silences).toEqual([300]);
    watchdog.feed();
    standStillFor(5_000);
    vi.advanceTimersByTime(1_000);
    expect(silences).toEqual([300, 300]);
  });
});
