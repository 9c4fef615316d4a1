import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { waitAtPath } from '../../../../agent/camera/path-watch.ts';
import { FakePathWatch } from '../../../fakes/fake-path-watch.ts';

let events: FakePathWatch;
let abort: AbortController;
let seen: string | null;
let looks: number;

beforeEach(() => {
  vi.useFakeTimers();
  events = new FakePathWatch();
  abort = new AbortController();
  seen = null;
  looks = 0;
});

afterEach(() => {
  expect(events.openCount).toBe(0);
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const wait = () =>
  waitAtPath({
    path: '/dev/video0',
    signal: abort.signal,
    watchPath: events.watch,
    look: async () => {
      looks += 1;
      return seen;
    },
  });

const settle = () => vi.advanceTimersByTimeAsync(0);

describe('waiting at a path', () => {
  it('takes what is there at once', async () => {
    seen = 'a camera';
    expect(await wait()).toBe('a camera');
    expect(events.watched).toEqual(['/dev/video0']);
  });

  it('looks again when something happens there, as often as it takes', async () => {
    const waiting = wait();
    await settle();
    events.happen();
    await settle();
    expect(looks).toBe(2);
    seen = 'a camera';
    events.happen();
    expect(await waiting).toBe('a camera');
    expect(looks).toBe(3);
  });

  it('does not miss what happens while it looks', async () => {
    const waiting = waitAtPath({
      path: '/x',
      signal: abort.signal,
      watchPath: events.watch,
      look: async () => {
        looks += 1;
        if (looks > 1) return 'a camera';
        events.happen();
        return null;
      },
    });
    expect(await waiting).toBe('a camera');
  });

  it('looks each second where nothing is told', async () => {
    const waiting = wait();
    await vi.advanceTimersByTimeAsync(2500);
    expect(looks).toBe(3);
    seen = 'a camera';
    await vi.advanceTimersByTimeAsync(500);
    expect(await waiting).toBe('a camera');
  });

  it('gives up when nobody wants it any more, and leaves nothing behind', async () => {
    const waiting = wait();
    await settle();
    abort.abort();
    expect(await waiting).toBeNull();
    expect(await wait()).toBeNull();
    expect(looks).toBe(1);
  });
});
