import { describe, it } from 'vitest';
import type { AccessUnit } from '../../../agent/media/access-unit.ts';
import { type CameraFixture, decodeGray, openCamera, smallVideo } from './camera-fixture.ts';

async function open(onTestFinished: (close: () => Promise<void>) => void): Promise<CameraFixture> {
  const fixture = await openCamera({ source: { kind: 'test' } });
  onTestFinished(() => fixture.close());
  return fixture;
}

const keyframesIn = (units: AccessUnit[]) => units.filter((unit) => unit.isKeyframe);

describe.concurrent('the renditions of a camera', () => {
  it('come while they are held, each from a keyframe on, in their own size', async ({ expect, onTestFinished }) => {
    const fixture = await open(onTestFinished);
    fixture.camera.acquireRendition('top');
    await fixture.until(() => fixture.units.length >= 15, 'the best picture');
    expect(new Set(fixture.received.map((unit) => unit.renditionName))).toEqual(new Set(['top']));

    for (const [name, width, height] of [
      ['half', 320, 180],
      ['quarter', 160, 90],
    ] as const) {
      const lease = fixture.camera.acquireRendition(name);
      await fixture.until(() => fixture.unitsOf(name).length >= 10, name);
      lease.release();
      const units = fixture.unitsOf(name);
      expect(units[0]?.isKeyframe).toBe(true);
      const [picture] = await decodeGray(units, width, height);
      expect(picture).toHaveLength(width * height);

      const [count, topCount] = [units.length, fixture.units.length];
      await fixture.until(() => fixture.units.length >= topCount + 15, 'more of the best picture');
      expect(fixture.unitsOf(name)).toHaveLength(count);
    }
    // Nobody disturbed the one that went on all the time.
    expect(fixture.units.filter((unit) => unit.ptsTicks90k % 2 === 1)).toEqual([]);
  });

  it('begin with a keyframe again for one who comes back at once', async ({ expect, onTestFinished }) => {
    const fixture = await open(onTestFinished);
    fixture.camera.acquireRendition('top');
    const first = fixture.camera.acquireRendition('half');
    await fixture.until(() => fixture.unitsOf('half').length >= 10, 'half');
    first.release();
    const count = fixture.unitsOf('half').length;
    fixture.camera.acquireRendition('half');
    await fixture.until(() => fixture.unitsOf('half').length > count, 'half again');
    expect(fixture.unitsOf('half')[count]?.isKeyframe).toBe(true);
  });

  it('give keyframes one by one', async ({ expect, onTestFinished }) => {
    const fixture = await open(onTestFinished);
    fixture.camera.acquireRendition('top');
    fixture.camera.acquireRendition('half');
    await fixture.until(() => fixture.units.length >= 5 && fixture.unitsOf('half').length >= 5, 'both');
    expect(fixture.camera.requestKeyframe('half')).toBe(true);
    await fixture.until(() => keyframesIn(fixture.unitsOf('half')).length === 2, 'a keyframe of half');
    expect(fixture.units.filter((unit) => unit.ptsTicks90k % 2 === 1)).toEqual([]);
    expect(fixture.camera.requestKeyframe('quarter')).toBe(false);
  });

  it('rest while the camera runs for nothing but itself', async ({ expect, onTestFinished }) => {
    const fixture = await open(onTestFinished);
    fixture.camera.acquire();
    await fixture.untilState('live');
    await fixture.camera.takeSnapshot();
    expect(fixture.received).toEqual([]);
    fixture.camera.acquireRendition('quarter');
    await fixture.until(() => fixture.received.length >= 5, 'quarter');
    expect(fixture.received[0]?.isKeyframe).toBe(true);
  });

  it('include VP8 that a decoder takes', async ({ expect, onTestFinished }) => {
    const fixture = await open(onTestFinished);
    fixture.camera.acquireRendition('vp8');
    await fixture.until(() => fixture.received.length >= 10, '10 frames');
    fixture.camera.requestKeyframe('vp8');
    await fixture.until(() => keyframesIn(fixture.received).length >= 2, 'a keyframe');
    // RFC 6386 9.1: the lowest bit of the first byte is 0 in a keyframe.
    for (const { data, isKeyframe } of fixture.received) expect((data[0]! & 1) === 0).toBe(isKeyframe);
    const units = fixture.received.slice();
    const pictures = await decodeGray(units, 320, 180, 'vp8');
    expect(pictures).toHaveLength(units.length);
  });

  it('have names that are known', async ({ expect, onTestFinished }) => {
    const fixture = await open(onTestFinished);
    expect(fixture.camera.renditions.map(({ name }) => name)).toEqual(['top', 'half', 'quarter', 'vp8']);
    expect(fixture.camera.renditions[0]).toMatchObject({ widthMax: smallVideo.widthMax, isEncodedHere: true });
    expect(() => fixture.camera.acquireRendition('huge' as 'top')).toThrow('no rendition huge');
    expect(fixture.camera.status.state).toBe('idle');
  });
});
