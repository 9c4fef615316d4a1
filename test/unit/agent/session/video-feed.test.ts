import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FakeCameraFeed } from '../../../fakes/fake-camera-feed.ts';
import { SessionBench } from '../../../helpers/session-bench.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('VideoFeed', () => {
  it('holds both cameras while it waits for the picture of the next one', async () => {
    const bench = new SessionBench();
    await bench.connect();
    const next = new FakeCameraFeed('cam1');
    bench.session.media.selectCamera(next);
    expect([bench.camera.holdCount, next.holdCount]).toEqual([1, 1]);
  });

  it('lets go of a camera that gave no picture when the viewer goes back or on to another', async () => {
    const bench = new SessionBench();
    await bench.connect();
    const [silent, other] = [new FakeCameraFeed('cam1'), new FakeCameraFeed('cam2')];
    bench.session.media.selectCamera(silent);
    bench.session.media.selectCamera(other);
    expect([bench.camera.holdCount, silent.holdCount, other.holdCount]).toEqual([1, 0, 1]);
    bench.session.media.selectCamera(bench.camera);
    expect([bench.camera.holdCount, silent.holdCount, other.holdCount]).toEqual([1, 0, 0]);
  });
});
