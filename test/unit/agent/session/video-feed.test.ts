import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { QualityEvent } from '../../../../protocol/events.ts';
import { FakeCameraFeed } from '../../../fakes/fake-camera-feed.ts';
import { receiverReport } from '../../../helpers/media-rtcp.ts';
import { SessionBench } from '../../../helpers/session-bench.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** What the viewer was told about its pictures. */
function toldTo(bench: SessionBench): QualityEvent[] {
  const { messages } = bench.peer.channel('rpc');
  return messages.flatMap(({ method, params }) => (method === 'event.quality' ? [params as QualityEvent] : []));
}

const camerasTold = (bench: SessionBench) => toldTo(bench).map(({ camera }) => camera);

async function watch(...cameras: FakeCameraFeed[]): Promise<void> {
  for (const camera of cameras) camera.sendPictures();
  await vi.advanceTimersByTimeAsync(200);
}

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

  it('ends the camera before once the next one is known to be missing, and shows that when it comes', async () => {
    const bench = new SessionBench();
    await bench.connect();
    const next = new FakeCameraFeed('cam1');
    next.change({ state: 'starting' });
    bench.session.media.selectCamera(next);
    await watch(bench.camera);
    expect(bench.camera.hub.stats.subscribers).toBe(1);
    next.change({ state: 'missing', reason: 'unplugged' });
    expect([bench.camera.isReleased, next.holdCount]).toEqual([true, 1]);
    await watch(next);
    expect(toldTo(bench).at(-1)).toMatchObject({ camera: 'cam1', reason: 'start' });
  });

  it('ends the camera before at once when the next one has been missing all along', async () => {
    const bench = new SessionBench();
    await bench.connect();
    await watch(bench.camera);
    const missing = new FakeCameraFeed('cam1');
    missing.change({ state: 'missing', reason: 'unplugged' });
    bench.session.media.selectCamera(missing);
    expect([bench.camera.isReleased, missing.holdCount]).toEqual([true, 1]);
  });

  it('goes back to a camera that it has ended for one that is missing', async () => {
    const bench = new SessionBench();
    await bench.connect();
    await watch(bench.camera);
    const missing = new FakeCameraFeed('cam1');
    missing.change({ state: 'missing', reason: 'unplugged' });
    bench.session.media.selectCamera(missing);
    bench.session.media.selectCamera(bench.camera);
    expect([bench.camera.holdCount, missing.isReleased]).toEqual([1, true]);
    await watch(bench.camera);
    expect(camerasTold(bench)).toEqual(['cam0', 'cam0']);
  });

  it('keeps what it sends when that camera itself goes missing', async () => {
    const bench = new SessionBench();
    await bench.connect();
    await watch(bench.camera);
    bench.camera.change({ state: 'missing', reason: 'unplugged' });
    expect([bench.camera.holdCount, bench.camera.hub.stats.subscribers]).toEqual([1, 1]);
  });

  it('takes no camera any more once it is closed', async () => {
    const bench = new SessionBench();
    await bench.connect();
    await watch(bench.camera);
    bench.session.media.close();
    const other = new FakeCameraFeed('cam1');
    bench.session.media.setQuality('quarter');
    bench.session.media.selectCamera(other);
    expect([bench.camera.holdCount, other.holdCount]).toEqual([0, 0]);
  });
});

describe('what VideoFeed tells of the quality', () => {
  it('begins with the first picture', async () => {
    const bench = new SessionBench();
    await bench.connect();
    await vi.advanceTimersByTimeAsync(3_000);
    expect(toldTo(bench)).toEqual([]);
    await watch(bench.camera);
    expect(toldTo(bench)).toEqual([
      { mid: 'v0', camera: 'cam0', rendition: 'top', targetKbps: expect.any(Number), reason: 'start' },
    ]);
  });

  it('is about the camera that flows: nothing of one that gives no picture, nor more of the one before', async () => {
    const bench = new SessionBench();
    await bench.connect();
    await watch(bench.camera);
    const missing = new FakeCameraFeed('cam1');
    missing.change({ state: 'missing', reason: 'unplugged' });
    bench.session.media.selectCamera(missing);
    for (let second = 0; second < 5; second += 1) {
      bench.ping();
      await watch(bench.camera);
      await vi.advanceTimersByTimeAsync(800);
    }
    expect(camerasTold(bench)).toEqual(['cam0']);
    await watch(missing);
    expect(toldTo(bench).at(-1)).toMatchObject({ camera: 'cam1', rendition: 'top', reason: 'start' });
    expect([bench.camera.holdCount, missing.holdCount]).toEqual([0, 1]);
  });

  it('names the old camera again, when the viewer goes back to it before the next one has come', async () => {
    const bench = new SessionBench();
    await bench.connect();
    await watch(bench.camera);
    bench.session.media.selectCamera(new FakeCameraFeed('cam1'));
    bench.session.media.selectCamera(bench.camera);
    await watch(bench.camera);
    expect(camerasTold(bench)).toEqual(['cam0', 'cam0']);
  });

  it('is repeated while pictures flow, and not when the camera has stopped', async () => {
    const bench = new SessionBench();
    await bench.connect();
    await watch(bench.camera);
    await vi.advanceTimersByTimeAsync(1_000);
    await watch(bench.camera);
    await vi.advanceTimersByTimeAsync(2_700);
    expect(camerasTold(bench)).toEqual(['cam0', 'cam0']);
  });

  it('calls a size pinned that the viewer has chosen, and not the single pictures that the path leaves of it', async () => {
    const bench = new SessionBench();
    await bench.connect();
    bench.session.media.setQuality('half');
    await watch(bench.camera);
    expect(toldTo(bench).at(-1)).toMatchObject({ rendition: 'half', reason: 'pinned' });
    bench.session.media.setQuality('top');
    await watch(bench.camera);
    expect(toldTo(bench).at(-1)).toMatchObject({ rendition: 'top', reason: 'pinned' });
    for (let report = 0; report < 10; report += 1) {
      for (const line of bench.peer.options.mediaLines) {
        line.onRtcp(receiverReport({ ssrc: line.ssrc, fractionLost: 128 }));
      }
      bench.ping();
      await watch(bench.camera);
    }
    expect(toldTo(bench).at(-1)).toMatchObject({ rendition: 'keyframes-only', reason: 'loss' });
  });
});

describe('choosing a camera', () => {
  it('is refused when another line shows it, and changes nothing when the first line does', async () => {
    const [first, second] = [new FakeCameraFeed('cam0'), new FakeCameraFeed('cam1')];
    const bench = new SessionBench({ cameras: [first, second] });
    await bench.connect();
    expect(() => bench.session.media.selectCamera(second)).toThrow(
      expect.objectContaining({ code: 'unavailable', message: 'Camera cam1 is on show already.' }),
    );
    bench.session.media.selectCamera(first);
    expect([first.holdCount, second.holdCount]).toEqual([1, 1]);
  });
});
