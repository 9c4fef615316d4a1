import { copyFile, mkdir, mkdtemp, rm, rmdir, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { parameterSetsIn, profileLevelIdOf } from '../../../agent/media/h264.ts';
import { systemClock } from '../../../agent/system/clock.ts';
import { FakeCameraFifo } from '../../fakes/fake-camera-fifo.ts';
import { FakeCameraRtsp } from '../../fakes/fake-camera-rtsp.ts';
import { readChildCommandLines } from '../../helpers/child-processes.ts';
import { runTool, testFfmpeg } from '../../helpers/ffmpeg.ts';
import { ageOfReading, readTestPatternClock } from '../../helpers/test-pattern.ts';
import { type CameraFixture, decodeGray, openCamera, smallVideo } from './camera-fixture.ts';

let folder: string;
let clip: string;

async function open(
  onTestFinished: (close: () => Promise<void>) => void,
  options: Parameters<typeof openCamera>[0],
): Promise<CameraFixture> {
  const fixture = await openCamera(options);
  onTestFinished(() => fixture.close());
  return fixture;
}

const keyframesOf = (fixture: CameraFixture) => fixture.units.filter((unit) => unit.isKeyframe);
const median = (values: number[]) => [...values].sort((a, b) => a - b)[values.length >> 1]!;
const mean = (pixels: Uint8Array) => pixels.reduce((sum, pixel) => sum + pixel, 0) / pixels.length;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'porthole-source-'));
  clip = join(folder, 'a clip, of 1 s.mp4');
  const { path } = await testFfmpeg();
  // Portrait and 60 frames a second, so that it has to be scaled down and thinned out.
  const args = [
    '-f',
    'lavfi',
    '-i',
    'testsrc2=size=720x1280:rate=60:duration=1',
    '-c:v',
    'libx264',
    '-preset',
    'ultrafast',
    clip,
  ];
  await runTool(path, args);
});

afterAll(() => rm(folder, { recursive: true }));

async function openLive(onTestFinished: (close: () => Promise<void>) => void): Promise<CameraFixture> {
  const fixture = await open(onTestFinished, { source: { kind: 'test' } });
  fixture.camera.acquireRendition('top');
  fixture.camera.acquireRendition('half');
  await fixture.until(() => fixture.unitsOf('half').length >= 5, 'both renditions');
  return fixture;
}

/** Call it while no ffmpeg runs. @returns when the next picture came, and whether each rendition begins with a keyframe */
async function untilBack(fixture: CameraFixture): Promise<{ atMs: number; areKeyframes: boolean[] }> {
  const from = fixture.received.length;
  const next = (name: 'top' | 'half') => fixture.received.slice(from).find((unit) => unit.renditionName === name);
  await fixture.until(() => next('top') !== undefined && next('half') !== undefined, 'both renditions again');
  const areKeyframes = [next('top')?.isKeyframe === true, next('half')?.isKeyframe === true];
  return { atMs: fixture.received[from]!.arrivedAtMs, areKeyframes };
}

// First, because they wait longest; that costs nothing, so the others go on meanwhile.
describe.concurrent('a camera whose ffmpeg', () => {
  it('stands still is found out within 5 s and replaced', async ({ expect, onTestFinished }) => {
    const fixture = await openLive(onTestFinished);
    const [pid] = await fixture.findProcesses();
    const stoppedAtMs = performance.now();
    process.kill(pid!, 'SIGSTOP');
    await fixture.untilState('restarting');
    const detectedAtMs = performance.now();
    const detectedMs = detectedAtMs - stoppedAtMs;
    const { atMs, areKeyframes } = await untilBack(fixture);
    console.log(
      `found out after ${Math.round(detectedMs)} ms, next picture ${Math.round(atMs - detectedAtMs)} ms later`,
    );
    expect(detectedMs).toBeLessThan(5_000);
    expect(atMs - detectedAtMs).toBeLessThan(2_000);
    expect(areKeyframes).toEqual([true, true]);
    expect(fixture.states).toContain('restarting: no frame from the test pattern for 4.5 s');
    expect(await fixture.findProcesses()).not.toContain(pid);
  });

  it('is killed has pictures again within 1.5 s, and says why they were missing', async ({
    expect,
    onTestFinished,
  }) => {
    const fixture = await openLive(onTestFinished);
    const [pid] = await fixture.findProcesses();
    const killedAtMs = performance.now();
    process.kill(pid!, 'SIGKILL');
    await fixture.untilState('restarting');
    const { atMs, areKeyframes } = await untilBack(fixture);
    console.log(`first picture ${Math.round(atMs - killedAtMs)} ms after kill -9`);
    expect(atMs - killedAtMs).toBeLessThan(1_500);
    expect(areKeyframes).toEqual([true, true]);
    expect(fixture.states).toContain('restarting: ffmpeg was ended by SIGKILL');
  });
});

describe.concurrent('a camera with the test pattern', () => {
  it('begins with a keyframe that a decoder can start at, and shows the wall clock of the capture time', async ({
    expect,
    onTestFinished,
  }) => {
    const fixture = await open(onTestFinished, { source: { kind: 'test' } });
    fixture.camera.acquireRendition('top');
    await fixture.until(() => fixture.units.length >= 40, '40 frames');
    const units = fixture.units.slice(0, 40);
    expect(units[0]?.isKeyframe).toBe(true);
    const { widthMax: width, heightMax: height } = smallVideo;
    const pictures = await decodeGray(units, width, height);
    expect(pictures).toHaveLength(units.length);
    const wallClockOriginMs = systemClock.wallClockMs() - systemClock.nowMs();
    const ages = units.map(({ capturedAtMs }, index) =>
      ageOfReading(readTestPatternClock(pictures[index]!, width, height), wallClockOriginMs + capturedAtMs),
    );
    // Both are read from the same clock, a few filters apart; a busy machine makes single pictures wait there.
    expect(median(ages)).toBeGreaterThanOrEqual(-2);
    expect(median(ages)).toBeLessThan(20);
    for (const { capturedAtMs, arrivedAtMs } of units) expect(capturedAtMs).toBeLessThanOrEqual(arrivedAtMs);
    const steps = units.slice(1).map((unit, index) => unit.ptsTicks90k - units[index]!.ptsTicks90k);
    expect(Math.min(...steps)).toBeGreaterThan(0);
  });

  it('knows the profile-level-id before the first frame', async ({ expect, onTestFinished }) => {
    const fixture = await open(onTestFinished, { source: { kind: 'test' } });
    const planned = fixture.camera.profileLevelId;
    fixture.camera.acquireRendition('top');
    await fixture.until(() => fixture.units.length > 0, 'a frame');
    const [sps] = parameterSetsIn(fixture.units[0]!.data).sps;
    expect(profileLevelIdOf(sps!)).toBe(planned);
    expect(fixture.camera.profileLevelId).toBe(planned);
  });

  it('gives a keyframe when asked, at the cost of one frame, and goes on with its own rhythm', async ({
    expect,
    onTestFinished,
  }) => {
    const keyframeIntervalMs = 1000;
    const fixture = await open(onTestFinished, { source: { kind: 'test' }, video: { keyframeIntervalMs } });
    fixture.camera.acquireRendition('top');
    await fixture.until(() => fixture.units.length >= 10, '10 frames');
    const askedAtMs = performance.now();
    fixture.camera.requestKeyframe('top');
    await fixture.until(() => keyframesOf(fixture).length === 2, 'the keyframe asked for');
    expect(performance.now() - askedAtMs).toBeLessThan(1000);
    await fixture.until(() => keyframesOf(fixture).length === 3, 'the next keyframe');
    const [, asked, next] = keyframesOf(fixture);
    const intervalMs = (next!.ptsTicks90k - asked!.ptsTicks90k) / 90;
    expect(Math.abs(intervalMs - keyframeIntervalMs)).toBeLessThan(200);
    // The lowest bit tells where pictures were withheld.
    expect(fixture.units.filter((unit) => unit.ptsTicks90k % 2 === 1)).toEqual([asked]);
  });

  it('takes pictures of now, several at once too', async ({ expect, onTestFinished }) => {
    const fixture = await open(onTestFinished, { source: { kind: 'test' } });
    const { widthMax: width, heightMax: height } = smallVideo;
    const numberIn = async (jpeg: Buffer) => {
      const gray = await runTool(
        'ffmpeg',
        ['-f', 'mjpeg', '-i', 'pipe:0', '-f', 'rawvideo', '-pix_fmt', 'gray', 'pipe:1'],
        jpeg,
      );
      return readTestPatternClock(gray, width, height);
    };
    await fixture.camera.takeSnapshot(); // starts the camera by itself
    for (let round = 0; round < 3; round += 1) {
      const askedAtMs = Date.now();
      const pictures = await Promise.all([fixture.camera.takeSnapshot(), fixture.camera.takeSnapshot()]);
      for (const { jpeg } of pictures) expect(ageOfReading(await numberIn(jpeg), askedAtMs)).toBeLessThanOrEqual(0);
    }
  });

  it('starts for the first holder and ends after the last, leaving nothing behind', async ({
    expect,
    onTestFinished,
  }) => {
    const fixture = await open(onTestFinished, { source: { kind: 'test' }, lingerMs: 100 });
    const leases = [fixture.camera.acquireRendition('top'), fixture.camera.acquireRendition('top')];
    await fixture.untilState('live');
    leases[0]?.release();
    leases[0]?.release();
    const framesBefore = fixture.units.length;
    await fixture.until(() => fixture.units.length > framesBefore + 15, 'frames for the other holder');
    leases[1]?.release();
    await fixture.untilState('idle');
    await fixture.camera.stop();
    expect(await fixture.findProcesses()).toEqual([]);
    expect(await fixture.findSockets()).toEqual([]);
    expect(() => fixture.camera.acquire()).toThrow('stopped');
  });

  it('goes on once its folder takes sockets again, and says until then that it does not', async ({
    expect,
    onTestFinished,
  }) => {
    const fixture = await open(onTestFinished, { source: { kind: 'test' } });
    // Neither taken nor taken away: a socket cannot be made where a folder is.
    const obstacle = join(fixture.runtimeDir, 'cam-half.sock');
    await mkdir(obstacle);
    fixture.camera.acquireRendition('top');
    await fixture.untilState('restarting');
    expect(fixture.camera.status.reason).toContain('cam-half.sock');
    await rmdir(obstacle);
    await fixture.untilState('live');
  });

  it('comes back when it is wanted again while it still ends', async ({ expect, onTestFinished }) => {
    const fixture = await open(onTestFinished, { source: { kind: 'test' }, lingerMs: 0 });
    const lease = fixture.camera.acquireRendition('top');
    await fixture.untilState('live');
    lease.release();
    await fixture.untilState('idle');
    fixture.camera.acquireRendition('top');
    await fixture.untilState('live');
    expect(await fixture.findProcesses()).toHaveLength(1);
  });
});

describe.concurrent('a camera with a file', () => {
  it('plays it for ever, scaled into the box and thinned out to the frame rate', async ({ expect, onTestFinished }) => {
    const fixture = await open(onTestFinished, { source: { kind: 'file', path: clip } });
    fixture.camera.acquireRendition('top');
    await fixture.until(() => fixture.units.length >= 50, 'frames beyond the end of the file');
    const [width, height] = [200, 356];
    const [picture] = await decodeGray(fixture.units.slice(0, 1), width, height);
    expect(picture).toHaveLength(width * height);
    const last = fixture.units.at(-1)!;
    const framesPerSecond = (90_000 * (fixture.units.length - 1)) / (last.ptsTicks90k - fixture.units[0]!.ptsTicks90k);
    expect(framesPerSecond).toBeLessThan(45); // of 60, on a machine that is busy too
  });

  it('is missing while the file is, and finds it by itself', async ({ expect, onTestFinished }) => {
    const path = join(folder, 'later.mp4');
    const fixture = await open(onTestFinished, { source: { kind: 'file', path } });
    fixture.camera.acquireRendition('top');
    await fixture.untilState('missing');
    expect(fixture.camera.status.reason).toBe(`${path} does not exist`);
    await copyFile(clip, path);
    await fixture.untilState('live');
  });

  it('says what is wrong with a file that is no video', async ({ expect, onTestFinished }) => {
    const fixture = await open(onTestFinished, {
      source: { kind: 'file', path: import.meta.filename ?? import.meta.url.slice(7) },
    });
    fixture.camera.acquireRendition('top');
    await fixture.untilState('missing');
    expect(fixture.camera.status.reason).toMatch(/cannot be opened: .*Invalid data/);
  });
});

describe.concurrent('a camera with a FIFO', () => {
  it('shows each frame as soon as it is fed, and waits for the next writer by itself', async ({
    expect,
    onTestFinished,
  }) => {
    const fifo = new FakeCameraFifo({ path: join(folder, 'live.y4m'), width: 320, height: 180 });
    fifo.create();
    const fixture = await open(onTestFinished, { source: { kind: 'file', path: fifo.path } });
    fixture.camera.acquireRendition('top');
    await fixture.untilState('missing');
    expect(fixture.camera.status.reason).toBe(`waiting for somebody to write to ${fifo.path}`);

    await fifo.open();
    const shades = [30, 120, 200];
    for (const [index, shade] of shades.entries()) {
      await fifo.showFrame(shade);
      await fixture.until(() => fixture.units.length === index + 1, `frame ${index + 1}`);
    }
    const pictures = await decodeGray(fixture.units, 320, 180);
    for (const [index, picture] of pictures.entries()) {
      const fullRange = ((shades[index]! - 16) * 255) / 219;
      expect(Math.abs(mean(picture) - fullRange)).toBeLessThan(4);
    }
    expect(fixture.camera.status).toEqual({ state: 'live' });

    await fifo.close();
    await fixture.until(() => fixture.states.includes(`missing: the writer of ${fifo.path} has closed it`), 'the end');
    await fifo.open();
    await fifo.showFrame(60);
    await fixture.untilState('live');
    await fifo.close();
  });

  it('ends at once while nobody writes', async ({ expect, onTestFinished }) => {
    const fifo = new FakeCameraFifo({ path: join(folder, 'silent.y4m'), width: 320, height: 180 });
    fifo.create();
    const fixture = await open(onTestFinished, { source: { kind: 'file', path: fifo.path } });
    fixture.camera.acquireRendition('top');
    await fixture.untilState('missing');
    await fixture.camera.stop();
    expect(await fixture.findProcesses()).toEqual([]);
  });
});

describe.concurrent('a network camera', () => {
  const account = { user: 'viewer', password: 'p%40ss' };

  it('is shown, is waited for while it is away, and keeps its password', async ({ expect, onTestFinished }) => {
    const { path } = await testFfmpeg();
    const firstServer = new FakeCameraRtsp({ ffmpeg: path, user: 'viewer', password: 'p@ss' });
    await firstServer.start();
    const { port } = firstServer;
    const log: string[] = [];
    const write = (fields: object, message: string) => log.push(`${message} ${JSON.stringify(fields)}`);
    const fixture = await open(onTestFinished, {
      source: { kind: 'rtsp', url: `rtsp://${account.user}:${account.password}@127.0.0.1:${port}/live` },
      logger: { debug: write, info: write, warn: write, error: write },
    });
    fixture.camera.acquireRendition('top');
    await fixture.untilState('live');
    await fixture.until(() => fixture.units.length >= 10, '10 frames');
    const commandLines = await readChildCommandLines();
    expect(commandLines.filter((line) => line.includes(fixture.runtimeDir))).toHaveLength(1);
    for (const line of commandLines) expect(line).not.toMatch(/p%40ss|p@ss/);
    expect((await stat(join(fixture.runtimeDir, 'cam-source.ffconcat'))).mode & 0o777).toBe(0o600);

    await firstServer.stop();
    await fixture.untilState('missing');
    expect(fixture.camera.status.reason).toContain('Connection refused');

    const secondServer = new FakeCameraRtsp({ ffmpeg: path, user: 'viewer', password: 'p@ss' });
    onTestFinished(() => secondServer.stop());
    await secondServer.start(port);
    await fixture.untilState('live');
    expect(log.join()).toContain('rtsp://***@');
    expect([...log, ...fixture.states].join()).not.toMatch(/p%40ss|p@ss/);
    await fixture.camera.stop();
    expect(await fixture.findSockets()).toEqual([]);
  });

  it('says that it was refused', async ({ expect, onTestFinished }) => {
    const server = new FakeCameraRtsp({ ffmpeg: (await testFfmpeg()).path, user: 'viewer', password: 'right' });
    onTestFinished(() => server.stop());
    await server.start();
    const fixture = await open(onTestFinished, {
      source: { kind: 'rtsp', url: `rtsp://viewer:wrong@127.0.0.1:${server.port}/` },
    });
    fixture.camera.acquireRendition('top');
    await fixture.untilState('missing');
    expect(fixture.camera.status.reason).toMatch(/401|authorization/i);
  });
});
