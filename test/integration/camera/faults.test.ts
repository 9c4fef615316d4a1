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

/** @returns how long it took until the next picture of every rendition, which is a keyframe */
async function untilBack(fixture: CameraFixture, sinceMs: number): Promise<number> {
  const isNew = (name: 'top' | 'half') => fixture.unitsOf(name).find((unit) => unit.arrivedAtMs > sinceMs);
  const from = fixture.received.length;
  await fixture.until(() => fixture.received.length > from, 'a picture');
  const tookMs = performance.now() - sinceMs;
  await fixture.until(() => isNew('top') !== undefined && isNew('half') !== undefined, 'both renditions again');
  expect([isNew('top')?.isKeyframe, isNew('half')?.isKeyframe]).toEqual([true, true]);
  return tookMs;
}

describe('a camera whose ffmpeg', () => {
  it('is killed has pictures again within 1.5 s, and says why they were missing', async () => {
    const fixture = await openLive();
    const [pid] = await fixture.findProcesses();
    process.kill(pid!, 'SIGKILL');
    await fixture.untilState('restarting');
    const tookMs = await untilBack(fixture, performance.now());
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
    const detectedMs = performance.now() - stoppedAtMs;
    const tookMs = await untilBack(fixture, performance.now());
    console.log(`found out after ${Math.round(detectedMs)} ms, next picture ${Math.round(tookMs)} ms later`);
    expect(detectedMs).toBeLessThan(5_000);
    expect(tookMs).toBeLessThan(2_000);
    expect(fixture.states).toContain('restarting: no frame from the test pattern for 4.5 s');
    expect(await fixture.findProcesses()).not.toContain(pid);
  });
});
