import { afterAll, describe, expect, it } from 'vitest';
import { percentile } from '../../../../helpers/congestion-call.ts';
import { randomStalls } from '../../../../helpers/congestion-receiver.ts';
import { type CongestionViewerResult, runCongestionViewer } from '../../../../helpers/congestion-viewer.ts';

const goodPath = { rates: [{ fromMs: 0, kbps: 10_000 }], propagationMs: 10 };

const table: string[] = [];
const note = (name: string, figures: string) => table.push(`  ${name.padEnd(60)}${figures}`);

afterAll(() => console.log(`a viewer on a simulated path\n${table.join('\n')}`));

function lowShareOf({ call, neededKbps }: CongestionViewerResult, fromMs: number, toMs: number): number {
  const samples = call.between(fromMs, toMs);
  return samples.filter(({ targetKbps }) => targetKbps < neededKbps / 2).length / samples.length;
}

const inWords = ({ changes }: CongestionViewerResult) =>
  changes.map(({ atMs, rendition }) => `${rendition} ${(atMs / 1000).toFixed(1)}`).join(', ');

describe('a receiver on a busy machine, on a good path', () => {
  describe.each([
    { soundKbps: 0, activity: 1 },
    { soundKbps: 48, activity: 1 },
    { soundKbps: 0, activity: 0.02 },
    { soundKbps: 48, activity: 0.02 },
  ])('with %o', ({ soundKbps, activity }) => {
    it.each([
      { lengthsMs: [30], workMeanMs: 100, readingMs: 0 },
      { lengthsMs: [30], workMeanMs: 20, readingMs: 0.2 },
      { lengthsMs: [100], workMeanMs: 500, readingMs: 0.2 },
      { lengthsMs: [300], workMeanMs: 2_000, readingMs: 0.2 },
      { lengthsMs: [30, 100, 300], workMeanMs: 500, readingMs: 0 },
      { lengthsMs: [30, 100, 300], workMeanMs: 200, readingMs: 0.2 },
      { lengthsMs: [20, 40, 80, 300], workMeanMs: 50, readingMs: 0.1 },
    ])('keeps its target through stalls: %o', ({ readingMs, ...stalls }) => {
      const figures = [1, 2, 3].map((seed) => {
        const receiver = { stalls: randomStalls({ seed, ...stalls, fromMs: 1_000, toMs: 60_000 }), readingMs };
        const viewer = runCongestionViewer({ link: goodPath, receiver, soundKbps, activity, seed, durationMs: 60_000 });
        const least = Math.min(...viewer.call.between(2_000, 60_000).map(({ targetKbps }) => targetKbps));
        note(
          `stalls of ${stalls.lengthsMs} each ${stalls.workMeanMs}, reading ${readingMs}, sound ${soundKbps}, activity ${activity}, seed ${seed}`,
          `low ${(100 * lowShareOf(viewer, 2_000, 60_000)).toFixed(1)} %, least ${least.toFixed(0)}; ${inWords(viewer)}`,
        );
        return lowShareOf(viewer, 2_000, 60_000);
      });
      expect(Math.max(...figures)).toBeLessThanOrEqual(0.05);
    });

    it('has the full picture again within 5 s after a stall of a second', () => {
      const receiver = { stalls: [{ fromMs: 20_000, toMs: 21_000 }], readingMs: 0.2 };
      const viewer = runCongestionViewer({ link: goodPath, receiver, soundKbps, activity, durationMs: 40_000 });
      note(`stall of 1 s at 20, sound ${soundKbps}, activity ${activity}`, inWords(viewer));
      expect(viewer.topAfterMs(21_000)).toBeLessThan(5_000);
    });
  });
});

describe.each([0, 48])('on a path that is narrow, with %i kbit/s of sound', (soundKbps) => {
  it.each([
    { narrowMs: 5_000, topWithinMs: 6_000 },
    { narrowMs: 30_000, topWithinMs: 13_000 },
  ])('has the full picture again soon after a path was too narrow for any: %o', ({ narrowMs, topWithinMs }) => {
    const wideAtMs = 10_000 + narrowMs;
    const rates = [
      { fromMs: 0, kbps: 4_000 },
      { fromMs: 10_000, kbps: 60 },
      { fromMs: wideAtMs, kbps: 4_000 },
    ];
    const link = { rates, propagationMs: 10, queueMaxBytes: 20_000 };
    const viewer = runCongestionViewer({ link, soundKbps, durationMs: 70_000 });
    note(`60 kbit/s from 10 to ${wideAtMs / 1000}, sound ${soundKbps}`, inWords(viewer));
    expect(viewer.renditionAt(wideAtMs)).toBe('keyframes-only');
    expect(viewer.topAfterMs(wideAtMs)).toBeLessThan(topWithinMs);
  });

  it.each([1, 2, 3])(
    'sees at once that a path has become narrow, though less is sent than allowed (seed %i)',
    (seed) => {
      const rates = [
        { fromMs: 0, kbps: 4_000 },
        { fromMs: 20_000, kbps: 600 },
      ];
      const link = { rates, propagationMs: 20, queueMaxBytes: 200_000 };
      const viewer = runCongestionViewer({ link, soundKbps, seed, durationMs: 40_000 });
      const queuesMs = viewer.call.between(20_000, 40_000).map(({ queueMs }) => queueMs);
      note(
        `4000 -> 600 at 20, sound ${soundKbps}`,
        `queue at most ${Math.max(...queuesMs).toFixed(0)}; ${inWords(viewer)}`,
      );
      expect(Math.max(...queuesMs)).toBeLessThan(900);
      expect(Math.max(...queuesMs.slice(30))).toBeLessThan(200);
    },
  );

  it('stays low on a path of 150 kbit/s, without a long queue', () => {
    const link = { rates: [{ fromMs: 0, kbps: 150 }], propagationMs: 10 };
    const viewer = runCongestionViewer({ link, soundKbps, durationMs: 90_000 });
    const samples = viewer.call.between(20_000, 90_000);
    const queueP95Ms = percentile(
      samples.map(({ queueMs }) => queueMs),
      0.95,
    );
    const targetP95Kbps = percentile(
      samples.map(({ targetKbps }) => targetKbps),
      0.95,
    );
    note(
      `150 for ever, sound ${soundKbps}`,
      `queue p95 ${queueP95Ms.toFixed(0)}, target p95 ${targetP95Kbps.toFixed(0)}; ${inWords(viewer)}`,
    );
    expect(queueP95Ms).toBeLessThan(1_000);
    expect(targetP95Kbps).toBeLessThan(250);
  });
});
