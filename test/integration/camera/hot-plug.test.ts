import { chmod, mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { watchPath } from '../../../agent/camera/path-watch.ts';
import { waitForSource, waitUntilUnplugged } from '../../../agent/camera/source-check.ts';
import { FakeCameraFifo } from '../../fakes/fake-camera-fifo.ts';
import { openCamera } from './camera-fixture.ts';

/** Looking each second would be slower. */
const promptMs = 500;

async function openFolder(onTestFinished: (close: () => Promise<void>) => void): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'porthole-plug-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

/** Waits for one event at a path. @returns how long it took after `change`, in milliseconds */
async function eventAfter(path: string, change: () => Promise<unknown>): Promise<number> {
  let handleEvent = () => {};
  const happened = new Promise<void>((resolve) => {
    handleEvent = resolve;
  });
  const watching = await watchPath(path, handleEvent);
  const startMs = performance.now();
  await change();
  await happened;
  watching.close();
  return performance.now() - startMs;
}

describe.concurrent('watching a path', () => {
  it('tells that a link comes, goes and that what it leads to goes', async ({ expect, onTestFinished }) => {
    const folder = await openFolder(onTestFinished);
    const [device, link] = [join(folder, 'video0'), join(folder, 'by-id/usb-cam')];
    await writeFile(device, '');
    await mkdir(join(folder, 'by-id'));
    const times = [
      await eventAfter(link, () => symlink('../video0', link)),
      await eventAfter(link, () => rm(device)),
      await eventAfter(link, () => rm(link)),
    ];
    console.log(`told after ${times.map((ms) => ms.toFixed(1)).join(', ')} ms`);
    expect(Math.max(...times)).toBeLessThan(promptMs);
  });

  it('tells of a folder on the way that comes or goes, and of rights', async ({ expect, onTestFinished }) => {
    const folder = await openFolder(onTestFinished);
    const link = join(folder, 'v4l/by-id/usb-cam');
    expect(await eventAfter(link, () => mkdir(join(folder, 'v4l')))).toBeLessThan(promptMs);
    expect(await eventAfter(link, () => mkdir(join(folder, 'v4l/by-id')))).toBeLessThan(promptMs);
    await writeFile(link, '', { mode: 0 });
    expect(await eventAfter(link, () => chmod(link, 0o600))).toBeLessThan(promptMs);
    expect(await eventAfter(link, () => rm(join(folder, 'v4l'), { recursive: true }))).toBeLessThan(promptMs);
  });
});

describe.concurrent('a camera that nobody watches', () => {
  it('is missing for whoever looks while it is not there, and idle when it is', async ({ expect, onTestFinished }) => {
    const path = join(await openFolder(onTestFinished), 'later.y4m');
    const { camera, close } = await openCamera({ source: { kind: 'file', path } });
    onTestFinished(close);
    expect(await camera.look()).toEqual({ state: 'missing', reason: `${path} does not exist` });
    await writeFile(path, '');
    expect(await camera.look()).toEqual({ state: 'idle' });
  });
});

describe.concurrent('a camera that is plugged in', () => {
  it('gives pictures without waiting for the next attempt', async ({ expect, onTestFinished }) => {
    const folder = await openFolder(onTestFinished);
    const fifo = new FakeCameraFifo({ path: join(folder, 'unplugged'), width: 320, height: 180 });
    fifo.create();
    const path = join(folder, 'camera.y4m');
    const fixture = await openCamera({ source: { kind: 'file', path } });
    onTestFinished(() => fixture.close());
    fixture.camera.acquireRendition('top');
    await fixture.untilState('missing');
    expect(fixture.camera.status.reason).toBe(`${path} does not exist`);
    expect(await fixture.findProcesses()).toEqual([]);

    const pluggedAtMs = performance.now();
    await rename(fifo.path, path);
    const plugged = new FakeCameraFifo({ path, width: 320, height: 180 });
    await plugged.open(); // as soon as ffmpeg reads
    const openedMs = performance.now() - pluggedAtMs;
    await plugged.showFrame(100);
    await fixture.untilState('live');
    console.log(
      `ffmpeg reads ${openedMs.toFixed(0)} ms after the camera is there, picture after ${(performance.now() - pluggedAtMs).toFixed(0)} ms`,
    );
    expect(openedMs).toBeLessThan(promptMs);
    await plugged.close();
  });

  it('is named as gone and found again by the link to its device', async ({ expect, onTestFinished }) => {
    const folder = await openFolder(onTestFinished);
    const devicePath = join(folder, 'usb-cam');
    const abort = new AbortController();
    onTestFinished(async () => abort.abort());
    const options = { signal: abort.signal, watchPath };
    const source = { kind: 'v4l2', devicePath } as const;
    const reasons: string[] = [];
    const found = waitForSource(source, { ...options, onMissing: (reason) => reasons.push(reason) });
    await symlink('/dev/null', devicePath); // a device that is everywhere
    expect(await found).toEqual({ present: true, isLiveFile: false });
    const gone = waitUntilUnplugged(source, options);
    const unpluggedAtMs = performance.now();
    await rm(devicePath);
    expect(await gone).toBe(`${devicePath} is not there: is the camera plugged in?`);
    console.log(`unplugged camera named after ${(performance.now() - unpluggedAtMs).toFixed(0)} ms`);
    expect(performance.now() - unpluggedAtMs).toBeLessThan(promptMs);
  });
});
