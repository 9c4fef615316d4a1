import { Buffer } from 'node:buffer';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { SnapshotRequests } from '../../../../agent/camera/snapshot-requests.ts';

const explain = () => 'the camera is unplugged';
let sendCommand: ReturnType<typeof vi.fn<() => boolean>>;
let requests: SnapshotRequests;

beforeEach(() => {
  vi.useFakeTimers();
  sendCommand = vi.fn(() => true);
  requests = new SnapshotRequests({ sendCommand, timeoutMs: 5000 });
});

afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

describe('SnapshotRequests', () => {
  it('asks for a picture as soon as frames come', async () => {
    const picture = requests.take(explain);
    expect(sendCommand).not.toHaveBeenCalled();
    requests.handleReady();
    expect(sendCommand).toHaveBeenCalledOnce();
    requests.handleJpeg(Buffer.from('jpeg'));
    expect((await picture).toString()).toBe('jpeg');
  });

  it('never answers with a picture that was under way before the question', async () => {
    requests.handleReady();
    const first = requests.take(explain);
    const later = [requests.take(explain), requests.take(explain)];
    requests.handleJpeg(Buffer.from('1'));
    requests.handleJpeg(Buffer.from('2'));
    expect(String(await first)).toBe('1');
    expect((await Promise.all(later)).map(String)).toEqual(['2', '2']);
    expect(sendCommand).toHaveBeenCalledTimes(2);
  });

  it('keeps to that when the first caller gives up', async () => {
    requests.handleReady();
    const abort = new AbortController();
    const first = requests.take(explain, abort.signal);
    const second = requests.take(explain);
    abort.abort();
    await expect(first).rejects.toMatchObject({ code: 'aborted' });
    requests.handleJpeg(Buffer.from('1'));
    requests.handleJpeg(Buffer.from('2'));
    expect(String(await second)).toBe('2');
  });

  it('asks again when a picture that nobody waits for any more was lost', async () => {
    requests.handleReady();
    const abort = new AbortController();
    const given = requests.take(explain, abort.signal);
    abort.abort();
    await expect(given).rejects.toMatchObject({ code: 'aborted' });
    const late = expect(requests.take(explain)).rejects.toMatchObject({ code: 'snapshot-timeout' });
    await vi.advanceTimersByTimeAsync(5000);
    await late;
    const picture = requests.take(explain);
    expect(sendCommand).toHaveBeenCalledTimes(2);
    requests.handleJpeg(Buffer.from('new'));
    expect(String(await picture)).toBe('new');
  });

  it('asks again after a restart', async () => {
    requests.handleReady();
    const picture = requests.take(explain);
    requests.handleRunEnd();
    requests.handleReady();
    expect(sendCommand).toHaveBeenCalledTimes(2);
    requests.handleJpeg(Buffer.from('new'));
    expect(String(await picture)).toBe('new');
  });

  it('gives up after the deadline with the reason, and can ask again', async () => {
    requests.handleReady();
    const lost = requests.take(explain);
    vi.advanceTimersByTime(5000);
    await expect(lost).rejects.toMatchObject({
      code: 'snapshot-timeout',
      message: expect.stringContaining('unplugged'),
    });
    const next = requests.take(explain);
    requests.handleJpeg(Buffer.from('next'));
    expect(String(await next)).toBe('next');
  });

  it('refuses at once when the caller has already given up', async () => {
    await expect(requests.take(explain, AbortSignal.abort())).rejects.toMatchObject({ code: 'aborted' });
  });
});
