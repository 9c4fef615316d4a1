import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RenditionPolicy } from '../../../../../agent/media/congestion/rendition-policy.ts';

type Name = 'top' | 'half' | 'quarter';

const ladder = [
  { name: 'top', bitrateKbps: 2_000 },
  { name: 'half', bitrateKbps: 500 },
  { name: 'quarter', bitrateKbps: 160 },
] as const;

function policyAt(startKbps: number | null, pinned: Name | null = null) {
  const policy = new RenditionPolicy<Name>();
  const decide = (targetKbps: number | null, nowMs: number, pin = pinned) =>
    policy.decide({ targetKbps, ladder, pinned: pin, nowMs });
  return { first: decide(startKbps, 0), decide };
}

/** When the choice first becomes `wanted` under a steady target, asked every 100 ms. */
function waitFor(
  decide: (kbps: number, nowMs: number) => { rendition: string },
  kbps: number,
  fromMs: number,
  wanted: Name,
) {
  for (let nowMs = fromMs; nowMs <= fromMs + 120_000; nowMs += 100) {
    if (decide(kbps, nowMs).rendition === wanted) return nowMs;
  }
  return null;
}

describe('RenditionPolicy', () => {
  it('begins with the best that fits, and with the best of all while nothing is known', () => {
    expect(policyAt(2_500).first).toEqual({ rendition: 'top', reason: 'start' });
    expect(policyAt(1_000).first.rendition).toBe('half');
    expect(policyAt(10).first.rendition).toBe('quarter');
    expect(policyAt(null).first.rendition).toBe('top');
  });

  it('goes down at once, several steps if need be', () => {
    expect(policyAt(2_500).decide(1_999, 100)).toEqual({ rendition: 'half', reason: 'target-low' });
    expect(policyAt(2_500).decide(200, 100)).toEqual({ rendition: 'quarter', reason: 'target-low' });
    expect(policyAt(2_500).decide(50, 100)).toEqual({ rendition: 'keyframes-only', reason: 'target-low' });
  });

  it('puts up with a little too little on the last rung', () => {
    const { decide } = policyAt(200);
    expect(decide(125, 100)).toEqual({ rendition: 'quarter', reason: 'hold' });
    expect(decide(119, 200).rendition).toBe('keyframes-only');
    expect(decide(170, 10_000).rendition).toBe('keyframes-only');
  });

  it('goes up when the target has offered more than needed for three seconds', () => {
    const { decide } = policyAt(1_000);
    expect(decide(2_400, 1_000).rendition).toBe('half');
    expect(decide(2_400, 3_900).rendition).toBe('half');
    expect(decide(2_250, 3_950).rendition).toBe('half');
    expect(decide(2_400, 4_000).rendition).toBe('half');
    expect(decide(2_400, 6_900).rendition).toBe('half');
    expect(decide(2_400, 7_000)).toEqual({ rendition: 'top', reason: 'target-high' });
  });

  it('waits twice as long after each try that failed, and forgets them after one that did not', () => {
    const { decide } = policyAt(1_000);
    const waits: number[] = [];
    let nowMs = 0;
    for (let i = 0; i < 7; i += 1) {
      const upMs = waitFor(decide, 2_500, nowMs, 'top')!;
      waits.push(upMs - nowMs);
      nowMs = upMs + 5_000;
      expect(decide(1_000, nowMs).rendition).toBe('half');
    }
    expect(waits).toEqual([3_000, 6_000, 12_000, 24_000, 48_000, 48_000, 48_000]);
    nowMs = waitFor(decide, 2_500, nowMs, 'top')!;
    nowMs += 21_000;
    expect(decide(2_500, nowMs).rendition).toBe('top');
    expect(decide(1_000, nowMs).rendition).toBe('half');
    expect(waitFor(decide, 2_500, nowMs, 'top')).toBe(nowMs + 3_000);
  });

  it('comes back from single pictures', () => {
    const { decide } = policyAt(50);
    expect(decide(50, 100).rendition).toBe('keyframes-only');
    expect(waitFor(decide, 700, 1_000, 'half')).toBe(4_000);
  });

  it('obeys a pin, and leaves it for single pictures only far below its need', () => {
    const { first, decide } = policyAt(3_000, 'half');
    expect(first).toEqual({ rendition: 'half', reason: 'pinned' });
    expect(decide(3_000, 60_000)).toEqual({ rendition: 'half', reason: 'pinned' });
    expect(decide(400, 61_000).rendition).toBe('half');
    expect(decide(300, 62_000)).toEqual({ rendition: 'keyframes-only', reason: 'target-low' });
    expect(decide(3_000, 63_000, 'top')).toMatchObject({ rendition: 'keyframes-only' });
    expect(decide(3_000, 66_000, 'top')).toMatchObject({ rendition: 'top' });
  });

  it('changes to a pin at once, and to the best that fits when it is taken away', () => {
    const { decide } = policyAt(3_000);
    expect(decide(3_000, 100, 'quarter')).toEqual({ rendition: 'quarter', reason: 'pinned' });
    expect(waitFor(decide, 3_000, 200, 'top')).toBe(3_200);
  });

  it('leaves a rendition that the ladder no longer has', () => {
    const policy = new RenditionPolicy<Name>();
    policy.decide({ targetKbps: 3_000, ladder, pinned: null, nowMs: 0 });
    const choice = policy.decide({ targetKbps: 3_000, ladder: ladder.slice(1), pinned: 'top', nowMs: 100 });
    expect(choice.rendition).toBe('half');
  });

  it('never asks for what the target cannot carry, beyond the tolerance of the last rung', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 4_000 }), fc.nat(3_000)), { maxLength: 100 }),
        (steps) => {
          const { decide } = policyAt(1_000);
          let nowMs = 0;
          for (const [targetKbps, elapsedMs] of steps) {
            nowMs += elapsedMs;
            const { rendition } = decide(targetKbps, nowMs);
            const needKbps = ladder.find(({ name }) => name === rendition)?.bitrateKbps ?? 0;
            expect(needKbps * (rendition === 'quarter' ? 0.75 : 1)).toBeLessThanOrEqual(targetKbps);
          }
        },
      ),
    );
  });
});
