import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { WriteQueue } from '../../../../agent/access/write-queue.ts';

/** A disk whose writes are ended by hand. */
class FakeDisk {
  readonly attempts: { succeed(): void; fail(error: Error): void }[] = [];

  write = () =>
    new Promise<void>((succeed, fail) => {
      this.attempts.push({ succeed, fail });
    });
}

const failures: (number | 'saved again' | null)[] = [];
let disk: FakeDisk;
let queue: WriteQueue;

beforeEach(() => {
  vi.useFakeTimers();
  failures.length = 0;
  disk = new FakeDisk();
  queue = new WriteQueue({
    write: disk.write,
    backoff: (attempt) => 1000 * (attempt + 1),
    onFailure: (_error, retryInMs) => failures.push(retryInMs),
    onRecovered: () => failures.push('saved again'),
  });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Whether a promise is fulfilled by now. */
async function isFulfilled(promise: Promise<void>): Promise<boolean> {
  let done = false;
  promise.then(
    () => {
      done = true;
    },
    () => {},
  );
  await vi.advanceTimersByTimeAsync(0);
  return done;
}

describe('WriteQueue', () => {
  it('lets changes that come during a write share the next one', async () => {
    const first = queue.request();
    const [second, third] = [queue.request(), queue.request()];
    expect(disk.attempts).toHaveLength(1);
    disk.attempts[0]?.succeed();
    expect(await isFulfilled(first)).toBe(true);
    expect(await isFulfilled(second)).toBe(false);
    expect(disk.attempts).toHaveLength(2);
    disk.attempts[1]?.succeed();
    await Promise.all([second, third]);
    expect(disk.attempts).toHaveLength(2);
  });

  it('tells who waited that it failed, and tries again by itself until it works', async () => {
    const request = queue.request();
    disk.attempts[0]?.fail(new Error('disk full'));
    await expect(request).rejects.toThrow('disk full');
    await vi.advanceTimersByTimeAsync(1000);
    disk.attempts[1]?.fail(new Error('disk full'));
    await vi.advanceTimersByTimeAsync(1999);
    expect(disk.attempts).toHaveLength(2);
    await vi.advanceTimersByTimeAsync(1);
    disk.attempts[2]?.succeed();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(disk.attempts).toHaveLength(3);
    expect(failures).toEqual([1000, 2000, 'saved again']);
  });

  it('does not wait for the next attempt when there is something new to write', async () => {
    const failed = queue.request().catch(() => 'failed');
    disk.attempts[0]?.fail(new Error('disk full'));
    await failed;
    const request = queue.request();
    disk.attempts[1]?.succeed();
    await request;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(disk.attempts).toHaveLength(2);
  });

  it('tries once more when it is closed after a failure, and then leaves no timer', async () => {
    const failed = queue.request().catch(() => 'failed');
    disk.attempts[0]?.fail(new Error('disk full'));
    await failed;
    const closed = queue.close();
    expect(disk.attempts).toHaveLength(2);
    disk.attempts[1]?.fail(new Error('still full'));
    await closed;
    expect(failures).toEqual([1000, null]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('finishes what runs and what waits before it is closed', async () => {
    const requests = Promise.all([queue.request(), queue.request()]);
    const closed = queue.close();
    disk.attempts[0]?.succeed();
    expect(await isFulfilled(closed)).toBe(false);
    disk.attempts[1]?.succeed();
    await Promise.all([requests, closed]);
  });
});
