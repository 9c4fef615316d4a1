import { describe, expect, it, onTestFinished } from 'vitest';
import { type CameraFixture, openCamera } from './camera-fixture.ts';

async function openLive(): Promise<CameraFixture> {
  const fixture = await openCamera({ source: { kind: 'test' } });
  onTestFinished(() => fixture.close());
  fixture.camera.acquireRendition('top');
  fixture.camera.acquireRendition('half');
  await fixture.until(() => fixture.unitsOf('half').length >= 5, 'both renditions');
  return fixture;
}

/** Call it while no ffmpeg runs. @returns when the next picture came; the first one of each rendition is a keyframe */
async function untilBack(fixture: CameraFixture): Promise<number> {
  const from = fixture.received.length;
  const next = (name: 'top' | 'half') => fixture.received.slice(from).find((unit) => unit.renditionName === name);
  await fixture.until(() => next('top') !== undefined && next('half') !== undefined, 'both renditions again');
  expect([next('top')?.isKeyframe, next('half')?.isKeyframe]).toEqual([true, true]);
  return fixture.received[from]!.arrivedAtMs;
}

describe('a camera whose ffmpeg', () => {
  it('is killed has pictures again within 1.5 s, and says why they were missing', async () => {
    const fixture = await openLive();
    const [pid] = await fixture.findProcesses();
    const killedAtMs = performance.now();
    process.kill(pid!, 'SIGKILL');
    await fixture.untilState('restarting');
    const tookMs = (await untilBack(fixture)) - killedAtMs;
    console.log(`first picture ${Math.round(tookMs)} ms after kill -9`);
    expect(tookMs).toBeLessThan(1_500);
    expect(fixture.states).toContain('restarting: ffmpeg was ended by SIGKILL');
  });

  it('stands still is found out within 5 s and replaced', async () => {
    const fixture = await openLive();
    const [pid] = await fixture.findProcesses();
    const stoppedAtMs = performance.now();
    process.kill(pid!, 'SIGSTOP');
    await fixture.untilState('restarting');
    const detectedAtMs = performance.now();
    const detectedMs = detectedAtMs - stoppedAtMs;
    const tookMs = (await untilBack(fixture)) - detectedAtMs;
    console.log(`found out after ${Math.round(detectedMs)} ms, next picture ${Math.round(tookMs)} ms later`);
    expect(detectedMs).toBeLessThan(5_000);
    expect(tookMs).toBeLessThan(2_000);
    expect(fixture.states).toContain('restarting: no frame from the test pattern for 4.5 s');
    expect(await fixture.findProcesses()).not.toContain(pid);
  });
});
