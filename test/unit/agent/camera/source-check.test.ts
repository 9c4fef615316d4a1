import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type SourceCheck, waitForSource } from '../../../../agent/camera/source-check.ts';
import { FakePathWatch } from '../../../fakes/fake-path-watch.ts';

const absent: SourceCheck = { present: false, reason: 'not there', isDenied: false };
const denied: SourceCheck = { present: false, reason: 'no permission', isDenied: true };
const present: SourceCheck = { present: true, isLiveFile: false };

let events: FakePathWatch;
let abort: AbortController;
let now: SourceCheck;
let reasons: string[];

beforeEach(() => {
  vi.useFakeTimers();
  events = new FakePathWatch();
  abort = new AbortController();
  reasons = [];
});
afterEach(() => {
  vi.useRealTimers();
});

function wait() {
  return waitForSource(
    { kind: 'v4l2', devicePath: '/dev/video0' },
    {
      signal: abort.signal,
      watchPath: events.watch,
      onMissing: (reason) => reasons.push(reason),
      check: async () => now,
    },
  );
}

async function see(check: SourceCheck): Promise<void> {
  now = check;
  events.happen();
  await vi.advanceTimersByTimeAsync(0);
}

describe('waiting for a camera that is plugged in', () => {
  it('says nothing of the moment until udev has given it to its group', async () => {
    now = absent;
    const waiting = wait();
    await vi.advanceTimersByTimeAsync(0);
    await see(denied);
    await vi.advanceTimersByTimeAsync(300);
    await see(present);
    expect(await waiting).toEqual(present);
    expect(reasons).toEqual(['not there']);
  });

  it('tells after a second that it may not be read', async () => {
    now = denied;
    const waiting = wait();
    await vi.advanceTimersByTimeAsync(800);
    expect(reasons).toEqual([]);
    await vi.advanceTimersByTimeAsync(300);
    expect(reasons).toEqual(['no permission']);
    abort.abort();
    expect(await waiting).toBeNull();
  });

  it('gives each new device that moment', async () => {
    now = denied;
    const waiting = wait();
    await vi.advanceTimersByTimeAsync(700);
    await see(absent);
    await vi.advanceTimersByTimeAsync(700);
    await see(denied);
    await vi.advanceTimersByTimeAsync(700);
    expect(new Set(reasons)).toEqual(new Set(['not there']));
    abort.abort();
    await waiting;
  });
});
