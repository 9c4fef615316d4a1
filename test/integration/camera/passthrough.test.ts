import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { parameterSetsIn, profileLevelIdOf } from '../../../agent/media/h264.ts';
import type { CameraSource } from '../../../agent/sources/camera-source.ts';
import { FakeCameraRtsp } from '../../fakes/fake-camera-rtsp.ts';
import { runTool, testFfmpeg } from '../../helpers/ffmpeg.ts';
import { type CameraFixture, decodeGray, openCamera } from './camera-fixture.ts';

let folder: string;

async function open(
  onTestFinished: (close: () => Promise<void>) => void,
  source: CameraSource,
): Promise<CameraFixture> {
  const fixture = await openCamera({ source, isPassthrough: true });
  onTestFinished(() => fixture.close());
  return fixture;
}

/** A clip of one second with a keyframe each half second. */
async function makeClip(name: string, encoder: string[]): Promise<CameraSource> {
  const path = join(folder, name);
  const input = ['-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=30:duration=1'];
  await runTool((await testFfmpeg()).path, [...input, '-g', '15', ...encoder, path]);
  return { kind: 'file', path };
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'porthole-passthrough-'));
});

afterAll(() => rm(folder, { recursive: true }));

describe.concurrent('a camera whose H.264 is passed through', () => {
  it('gives what is in a file, with parameter sets, and smaller renditions beside it', async ({
    expect,
    onTestFinished,
  }) => {
    const source = await makeClip('clip.mp4', [
      '-c:v',
      'libx264',
      '-preset',
      'veryfast',
      '-profile:v',
      'main',
      '-bf',
      '0',
    ]);
    const fixture = await open(onTestFinished, source);
    fixture.camera.acquireRendition('top');
    await fixture.until(() => fixture.units.length >= 60, 'frames beyond the end of the file');
    const [first] = fixture.units;
    expect(first?.isKeyframe).toBe(true);
    const { sps, pps } = parameterSetsIn(first!.data);
    expect(pps.length).toBeGreaterThan(0);
    expect(fixture.camera.profileLevelId).toBe(profileLevelIdOf(sps[0]!));
    expect(fixture.camera.profileLevelId).toMatch(/^4d/); // main: not encoded again
    const units = fixture.units.slice();
    expect(await decodeGray(units, 320, 180)).toHaveLength(units.length);
    const framesPerSecond = (1000 * (units.length - 1)) / (units.at(-1)!.arrivedAtMs - first!.arrivedAtMs);
    expect(framesPerSecond).toBeLessThan(60); // about in real time, on a machine that is busy too

    fixture.camera.acquireRendition('quarter');
    await fixture.until(() => fixture.unitsOf('quarter').length >= 5, 'quarter');
    expect((await decodeGray(fixture.unitsOf('quarter'), 160, 90))[0]).toHaveLength(160 * 90);
  });

  it('cannot be asked for keyframes, and begins with one all the same', async ({ expect, onTestFinished }) => {
    const source = await makeClip('keyframes.mp4', ['-c:v', 'libx264', '-preset', 'ultrafast']);
    const fixture = await open(onTestFinished, source);
    expect(fixture.camera.renditions.map((rendition) => rendition.isEncodedHere)).toEqual([false, true, true, true]);
    fixture.camera.acquire();
    await fixture.untilState('live');
    fixture.camera.acquireRendition('top');
    await fixture.until(() => fixture.units.length >= 5, 'the picture');
    expect(fixture.units[0]?.isKeyframe).toBe(true);
    expect(fixture.camera.requestKeyframe('top')).toBe(false);
  });

  it('comes from a network camera with its time of arrival', async ({ expect, onTestFinished }) => {
    const server = new FakeCameraRtsp({ ffmpeg: (await testFfmpeg()).path, user: 'viewer', password: 'right' });
    onTestFinished(() => server.stop());
    await server.start();
    const fixture = await open(onTestFinished, { kind: 'rtsp', url: `rtsp://viewer:right@127.0.0.1:${server.port}/` });
    fixture.camera.acquireRendition('top');
    await fixture.until(() => fixture.units.length >= 20, '20 frames');
    expect(fixture.units[0]?.isKeyframe).toBe(true);
    for (const { capturedAtMs, arrivedAtMs } of fixture.units) expect(capturedAtMs).toBe(arrivedAtMs);
  });

  it('says so when it is something else', async ({ expect, onTestFinished }) => {
    const source = await makeClip('mpeg4.mp4', ['-c:v', 'mpeg4']);
    const fixture = await open(onTestFinished, source);
    fixture.camera.acquireRendition('top');
    await fixture.until(() => fixture.states.some((state) => /missing:.*is not H\.264/.test(state)), 'a reason');
    expect(fixture.units).toEqual([]);
  });
});
