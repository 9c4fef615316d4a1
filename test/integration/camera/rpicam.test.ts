import { fileURLToPath } from 'node:url';
import { describe, it } from 'vitest';
import { findRpicamCameras } from '../../../agent/camera/rpicam-cameras.ts';
import { readChildCommandLines } from '../../helpers/child-processes.ts';
import { type CameraFixture, decodeGray, openCamera } from './camera-fixture.ts';

const program = fileURLToPath(new URL('../../fixtures/fake-rpicam-vid', import.meta.url));

async function open(
  onTestFinished: (close: () => Promise<void>) => void,
  options: Partial<Parameters<typeof openCamera>[0]> & { index?: number; programs?: string[] } = {},
): Promise<CameraFixture> {
  const { index = 0, programs = ['/nowhere/rpicam-vid', program], ...rest } = options;
  const fixture = await openCamera({ source: { kind: 'rpicam', index }, rpicamPrograms: programs, ...rest });
  onTestFinished(() => fixture.close());
  return fixture;
}

/** The fake shows itself as the ffmpeg that it has become. */
const findCameraPrograms = async (size: string) =>
  (await readChildCommandLines()).filter((line) => line.includes(`color=white:size=${size}`));

describe.concurrent('a camera on the CSI connector', () => {
  it('shows what its program writes, in the full range of brightness, and leaves nothing behind', async ({
    expect,
    onTestFinished,
  }) => {
    const fixture = await open(onTestFinished, { lingerMs: 0, video: { widthMax: 450, heightMax: 252 } });
    const lease = fixture.camera.acquireRendition('top');
    await fixture.until(() => fixture.units.length >= 30, '30 frames');
    const [picture] = await decodeGray(fixture.units.slice(0, 1), 448, 252);
    expect(picture).toHaveLength(448 * 252);
    expect(Math.min(...picture!.subarray(0, 1000))).toBeGreaterThan(250);
    for (const { capturedAtMs, arrivedAtMs } of fixture.units) expect(capturedAtMs).toBeLessThan(arrivedAtMs);
    expect((await fixture.camera.takeSnapshot()).jpeg.length).toBeGreaterThan(100);

    expect(await findCameraPrograms('448x252')).toHaveLength(1);
    lease.release();
    await fixture.untilState('idle');
    await fixture.camera.stop();
    expect(await findCameraPrograms('448x252')).toEqual([]);
    expect(await fixture.findProcesses()).toEqual([]);
    expect(await fixture.findSockets()).toEqual([]);
  });

  it('is passed through as the H.264 of its program', async ({ expect, onTestFinished }) => {
    const fixture = await open(onTestFinished, { isPassthrough: true });
    fixture.camera.acquireRendition('top');
    await fixture.until(() => fixture.units.length >= 20, '20 frames');
    expect(fixture.units[0]?.isKeyframe).toBe(true);
    expect(await decodeGray(fixture.units.slice(0, 20), 640, 360)).toHaveLength(20);
  });

  it('is found by asking its program, the first that is there', async ({ expect }) => {
    expect(await findRpicamCameras(['/nowhere/rpicam-vid', program])).toEqual([{ source: 'rpicam:0', name: 'imx708' }]);
    expect(await findRpicamCameras(['rpicam-nowhere'])).toEqual([]);
  });

  it('is missing without its program, which is named', async ({ expect, onTestFinished }) => {
    const fixture = await open(onTestFinished, { programs: ['rpicam-nowhere'] });
    fixture.camera.acquireRendition('top');
    await fixture.untilState('missing');
    expect(fixture.camera.status.reason).toMatch(/^rpicam-nowhere was not found: .*apt install rpicam-apps/);
    expect(await fixture.findSockets()).toEqual([]);
  });

  it('says what its program says, and tries again', async ({ expect, onTestFinished }) => {
    const fixture = await open(onTestFinished, { index: 7 });
    fixture.camera.acquireRendition('top');
    await fixture.untilState('missing');
    expect(fixture.camera.status.reason).toBe('rpicam:7 gives no picture: no cameras available');
  });

  it('comes back after its program has ended', async ({ expect, onTestFinished }) => {
    const fixture = await open(onTestFinished, { index: 8 });
    fixture.camera.acquireRendition('top');
    await fixture.until(() => fixture.states.filter((state) => state === 'live').length >= 2, 'a second run');
    expect(fixture.states.slice(0, 4)).toEqual([
      'starting',
      'live',
      'missing: rpicam:8 gives no picture: fake-rpicam-vid ended with code 0',
      'live',
    ]);
  });
});
