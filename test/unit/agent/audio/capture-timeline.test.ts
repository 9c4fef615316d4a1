import { beforeEach, describe, expect, it } from 'vitest';
import { CaptureTimeline } from '../../../../agent/audio/capture-timeline.ts';

const unitMs = 20;
/** From the first sample of a unit to its arrival: the unit itself, the look-ahead of the encoder, the way. */
const wayMs = 27;

let timeline: CaptureTimeline;

beforeEach(() => {
  timeline = new CaptureTimeline(unitMs);
});

/** Places units that were really taken at these times, and held up for some milliseconds. */
const placeAll = (takenAtMs: number[], heldUpMs: (index: number) => number = () => 0) =>
  takenAtMs.map((takenMs, index) => timeline.place(takenMs + heldUpMs(index), takenMs + wayMs + heldUpMs(index)));
const every = (intervalMs: number, count: number, startMs = 1000) =>
  Array.from({ length: count }, (_, index) => startMs + index * intervalMs);

describe('CaptureTimeline', () => {
  it('makes even steps of stamps that tremble', () => {
    const placed = placeAll(every(unitMs, 500, 1000.4), (index) => (index * 7) % 13);
    expect(placed).toEqual(every(unitMs, 500));
  });

  it('does not follow a burst after the machine was busy', () => {
    const placed = placeAll(every(unitMs, 200), (index) => (index >= 90 && index < 100 ? (100 - index) * unitMs : 0));
    expect(placed).toEqual(every(unitMs, 200));
  });

  it('leaps by whole units where sound is missing', () => {
    const placed = placeAll([...every(unitMs, 100), ...every(unitMs, 200, 1000 + 100 * unitMs + 130)]);
    const leaps = placed.flatMap((ms, index) => (index === 0 ? [] : [(ms ?? 0) - (placed[index - 1] ?? 0)]));
    expect(leaps.filter((leap) => leap !== unitMs)).toEqual([unitMs + 140]);
    // Within two windows of a second.
    expect(leaps.indexOf(unitMs + 140)).toBeLessThan(200);
  });

  it.each([
    ['slow', 1.0005, 0],
    ['fast', 0.9995, 10],
  ])('stays near a device whose clock is %s', (_, factor, leftOut) => {
    const taken = every(unitMs * factor, 20_000);
    const placed = placeAll(taken);
    const errors = placed.flatMap((ms, index) => (ms === null ? [] : [Math.abs(ms - (taken[index] ?? 0))]));
    expect(Math.max(...errors)).toBeLessThanOrEqual(15);
    expect(placed.filter((ms) => ms === null)).toHaveLength(leftOut);
  });

  it('finds back when the first unit was held up', () => {
    const placed = placeAll(every(unitMs, 200), (index) => Math.max(0, 90 - index * 30));
    expect(placed.slice(100)).toEqual(every(unitMs, 100, 1000 + 100 * unitMs + 10));
  });

  it('leaves out what a source had piled up before it was read', () => {
    const backlog = Array.from({ length: 50 }, () => timeline.place(1000, 1000 + wayMs));
    expect(backlog.filter((ms) => ms !== null)).toEqual([1000, 1020]);
    expect(placeAll(every(unitMs, 3, 1020))).toEqual([1040, 1060, 1080]);
  });

  it('never says later than the arrival, nor goes back when the encoder begins anew', () => {
    placeAll(every(unitMs, 3));
    timeline.handleRestart();
    // The wall clock has jumped: the stamp is older than what was placed.
    expect(timeline.place(-900, 1100)).toBe(1060);
    timeline.handleRestart();
    expect(timeline.place(5000, 4000)).toBe(4000);
  });
});
