import { afterAll, describe, expect, it } from 'vitest';
import { RenditionPolicy } from '../../../../../agent/media/congestion/rendition-policy.ts';
import { CongestionCall, percentile, runCongestion } from '../../../../helpers/congestion-call.ts';
import { ConstantTraffic, TcpTraffic } from '../../../../helpers/congestion-cross-traffic.ts';
import { CongestionLink, type CongestionLinkOptions } from '../../../../helpers/congestion-link.ts';

type CallOptions = Partial<ConstructorParameters<typeof CongestionCall>[0]>;

const table: string[] = [];
const note = (name: string, figures: string) => table.push(`  ${name.padEnd(48)}${figures}`);

afterAll(() => console.log(`congestion control in a simulated path, kbit/s and ms\n${table.join('\n')}`));

function run(link: Partial<CongestionLinkOptions> & { kbps?: number }, options: CallOptions = {}, durationMs = 60_000) {
  const { kbps = 4_000, ...rest } = link;
  const path = new CongestionLink({ rates: [{ fromMs: 0, kbps }], ...rest });
  const call = new CongestionCall({ link: path, ...options });
  runCongestion([call], durationMs);
  return call;
}

function figuresOf(call: CongestionCall, fromMs: number, toMs: number) {
  const queues = call.between(fromMs, toMs).map(({ queueMs }) => queueMs);
  return { receivedKbps: call.receivedKbps(fromMs, toMs), queueP95Ms: percentile(queues, 0.95) };
}

const targetsOf = (call: CongestionCall, fromMs: number, toMs: number) =>
  call.between(fromMs, toMs).map(({ targetKbps }) => targetKbps);

const inWords = ({ receivedKbps, queueP95Ms }: { receivedKbps: number; queueP95Ms: number }) =>
  `received ${receivedKbps.toFixed(0)}, queue p95 ${queueP95Ms.toFixed(0)}`;

describe('on a path of constant capacity', () => {
  it.each([1_000, 3_000, 10_000])('uses most of %i kbit/s, with a short queue', (kbps) => {
    const figures = figuresOf(run({ kbps }), 10_000, 60_000);
    note(`steady ${kbps}`, inWords(figures));
    expect(figures.receivedKbps).toBeGreaterThan(0.85 * kbps);
    expect(figures.queueP95Ms).toBeLessThan(100);
  });

  it('does not depend on how the pacer groups packets', () => {
    const figures = figuresOf(run({ kbps: 3_000 }, { burstMs: 40 }), 10_000, 60_000);
    note('steady 3000, pacer bursts of 40 ms', inWords(figures));
    expect(figures.receivedKbps).toBeGreaterThan(0.85 * 3_000);
    expect(figures.queueP95Ms).toBeLessThan(120);
  });

  it('does the same with a round trip of 400 ms', () => {
    const figures = figuresOf(run({ kbps: 3_000, propagationMs: 200 }, { feedbackDelayMs: 200 }), 15_000, 60_000);
    note('steady 3000, round trip 400', inWords(figures));
    expect(figures.receivedKbps).toBeGreaterThan(0.85 * 3_000);
  });

  it('finds the capacity within two seconds by probing, and without probes within a minute', () => {
    const probing = run({}, { startKbps: 300 }, 3_000);
    expect(probing.sampleAt(2_000).targetKbps).toBeGreaterThan(3_000);
    const plain = run({ kbps: 2_000 }, { startKbps: 300, probes: false });
    expect(plain.receivedKbps(50_000, 60_000)).toBeGreaterThan(0.8 * 2_000);
  });

  it('leaves room above a source of 2 Mbit/s on a path of 4', () => {
    const call = run({}, { encoderKbps: () => 2_000, startKbps: 1_000 });
    const targets = targetsOf(call, 5_000, 60_000);
    note('application sends 2000 of 4000', `target at least ${Math.min(...targets).toFixed(0)}`);
    expect(Math.min(...targets)).toBeGreaterThan(1.15 * 2_000);
  });

  it('tells why the target is what it is', () => {
    const call = run({ kbps: 2_000 });
    const reasons = new Set(call.samples.map(({ reason }) => reason));
    expect(call.samples[0]?.reason).toBe('start');
    expect([...reasons]).toEqual(expect.arrayContaining(['start', 'probe', 'increase', 'delay']));
  });
});

describe('when the capacity changes', () => {
  const stepAtMs = 20_000;
  const rates = [
    { fromMs: 0, kbps: 4_000 },
    { fromMs: stepAtMs, kbps: 600 },
    { fromMs: stepAtMs + 20_000, kbps: 4_000 },
  ];

  it.each([1, 2, 3])('empties the queue of a step down within 4 s, and is up again within 15 s (seed %i)', (seed) => {
    const call = run({ rates, seed }, { seed });
    const worstMs = Math.max(...call.between(stepAtMs, stepAtMs + 4_000).map(({ queueMs }) => queueMs));
    const later = call.between(stepAtMs + 4_000, stepAtMs + 20_000);
    const settledMs = call.between(stepAtMs + 1_000, 60_000).find(({ queueMs }) => queueMs < 200)!.atMs - stepAtMs;
    const up = call.between(stepAtMs + 20_000, 60_000).find(({ targetKbps }) => targetKbps >= 2_600)!;
    const upMs = up.atMs - stepAtMs - 20_000;
    note(`4000 -> 600 -> 4000, seed ${seed}`, `queue at most ${worstMs.toFixed(0)}, settled ${settledMs}, up ${upMs}`);
    expect(Math.max(...later.map(({ queueMs }) => queueMs))).toBeLessThan(200);
    expect(upMs).toBeLessThan(15_000);
  });

  it('takes a viewer down the ladder and up again', () => {
    const ladder = [
      { name: 'top', bitrateKbps: 2_000 },
      { name: 'half', bitrateKbps: 500 },
      { name: 'quarter', bitrateKbps: 167 },
    ] as const;
    const policy = new RenditionPolicy<'top' | 'half' | 'quarter'>();
    const changes: { atMs: number; rendition: string }[] = [];
    const encoderKbps = (targetKbps: number, nowMs: number) => {
      const { rendition } = policy.decide({ targetKbps, ladder, pinned: null, nowMs });
      if (changes.at(-1)?.rendition !== rendition) changes.push({ atMs: nowMs, rendition });
      return ladder.find(({ name }) => name === rendition)?.bitrateKbps ?? 20;
    };
    const call = run({ rates }, { encoderKbps, maxKbps: 3_000, neededKbps: 2_500 });
    const queues = call.between(stepAtMs + 4_000, stepAtMs + 20_000).map(({ queueMs }) => queueMs);
    const renditionAt = (atMs: number) => changes.findLast((change) => change.atMs <= atMs)?.rendition;
    note(
      'the same by ladder',
      changes.map(({ atMs, rendition }) => `${rendition} ${(atMs / 1000).toFixed(1)} s`).join(', '),
    );
    expect(renditionAt(stepAtMs - 1)).toBe('top');
    expect(renditionAt(stepAtMs + 19_000)).toMatch(/half|quarter/);
    expect(renditionAt(stepAtMs + 35_000)).toBe('top');
    expect(Math.max(...queues)).toBeLessThan(200);
    expect(changes.length).toBeLessThanOrEqual(8);
  });

  it('comes back to the old rate when a stretch without a path is over', () => {
    const outage = [
      { fromMs: 0, kbps: 4_000 },
      { fromMs: 20_000, kbps: 1 },
      { fromMs: 21_000, kbps: 4_000 },
    ];
    const call = run({ rates: outage, queueMaxBytes: 100_000 }, {}, 40_000);
    expect(call.receivedKbps(30_000, 40_000)).toBeGreaterThan(0.8 * 4_000);
  });
});

describe('beside others', () => {
  it('shares with a stream of its kind', () => {
    const link = new CongestionLink({ rates: [{ fromMs: 0, kbps: 4_000 }] });
    const first = new CongestionCall({ link, seed: 1 });
    const second = new CongestionCall({ link, seed: 2, beginsAtMs: 15_000 });
    runCongestion([first, second], 90_000);
    const rates = [first, second].map((call) => call.receivedKbps(45_000, 90_000));
    note('two alike on 4000', rates.map((kbps) => kbps.toFixed(0)).join(' and '));
    expect(Math.min(...rates)).toBeGreaterThan(1_000);
    expect(rates[0]! + rates[1]!).toBeGreaterThan(0.8 * 4_000);
  });

  it.each([30_000, 250_000])(
    'is not starved by TCP that fills a queue of %i bytes, and does not starve it',
    (queueMaxBytes) => {
      const link = new CongestionLink({ rates: [{ fromMs: 0, kbps: 4_000 }], queueMaxBytes });
      const call = new CongestionCall({ link });
      const tcp = new TcpTraffic({ link, fromMs: 10_000 });
      runCongestion([call, tcp], 80_000);
      const oursKbps = call.receivedKbps(20_000, 80_000);
      const theirsKbps = (tcp.receivedBytes * 8) / 70_000;
      note(`TCP on 4000, queue of ${queueMaxBytes / 1000} kB`, `${oursKbps.toFixed(0)} and ${theirsKbps.toFixed(0)}`);
      expect(oursKbps).toBeGreaterThan(800);
      expect(theirsKbps).toBeGreaterThan(800);
    },
  );

  it('makes room for a stream of constant rate, and takes it back', () => {
    const link = new CongestionLink({ rates: [{ fromMs: 0, kbps: 4_000 }] });
    const call = new CongestionCall({ link });
    const other = new ConstantTraffic({ link, kbps: 2_000, fromMs: 20_000, toMs: 40_000 });
    runCongestion([call, other], 70_000);
    const [beside, after] = [call.receivedKbps(25_000, 40_000), call.receivedKbps(50_000, 70_000)];
    note('2000 of 4000 taken for 20 s', `${beside.toFixed(0)}, then ${after.toFixed(0)}`);
    expect(beside).toBeGreaterThan(0.7 * 2_000);
    expect(beside).toBeLessThan(2_000);
    expect(after).toBeGreaterThan(0.8 * 4_000);
  });
});

describe('where the path is bad without being full', () => {
  it.each([false, true])('goes on through 50 ms of jitter (packets overtake: %s)', (reorders) => {
    const figures = figuresOf(run({ jitterMs: 50, reorders }), 10_000, 60_000);
    note(`jitter 50 on 4000${reorders ? ', reordering' : ''}`, inWords(figures));
    expect(figures.receivedKbps).toBeGreaterThan(0.7 * 4_000);
    const limited = run({ jitterMs: 50, reorders }, { encoderKbps: () => 2_000, maxKbps: 3_500 });
    expect(percentile(targetsOf(limited, 10_000, 60_000), 0.05)).toBeGreaterThan(2_000);
  });

  it.each([0.05, 0.1])('keeps most of the rate at a random loss of %d', (lossRate) => {
    const figures = figuresOf(run({ lossRate }), 10_000, 60_000);
    note(`random loss ${lossRate * 100} % on 4000`, inWords(figures));
    expect(figures.receivedKbps).toBeGreaterThan(0.7 * 4_000);
    const limited = run({ lossRate }, { encoderKbps: () => 2_000, maxKbps: 3_500 });
    const targets = targetsOf(limited, 10_000, 60_000);
    note(
      `random loss ${lossRate * 100} %, application sends 2000`,
      `target at least ${Math.min(...targets).toFixed(0)}`,
    );
    expect(Math.min(...targets)).toBeGreaterThan(2_300);
  });

  it('takes loss for congestion where it grows with the rate though no queue does', () => {
    const call = run({ kbps: 1_000, queueMaxBytes: 4_000 });
    const figures = figuresOf(call, 10_000, 60_000);
    const targets = targetsOf(call, 10_000, 60_000);
    note('policer of 1000, queue of 4 kB', `${inWords(figures)}, target p95 ${percentile(targets, 0.95).toFixed(0)}`);
    expect(percentile(targets, 0.95)).toBeLessThan(1_300);
    expect(figures.receivedKbps).toBeGreaterThan(0.7 * 1_000);
    expect(call.samples.some(({ reason }) => reason === 'loss')).toBe(true);
  });
});

describe('whatever becomes of the feedback', () => {
  it('halves after half a second without any, and recovers', () => {
    const feedbackPasses = (nowMs: number) => nowMs < 20_000 || nowMs > 21_300;
    const call = run({}, { feedbackPasses, encoderKbps: () => 2_000, maxKbps: 4_000 }, 30_000);
    const before = call.sampleAt(19_900).targetKbps;
    note(
      'feedback away for 1.3 s',
      [20_500, 20_700, 21_300, 21_600].map((at) => `${call.sampleAt(at).targetKbps.toFixed(0)}`).join(' '),
    );
    expect(call.sampleAt(20_700)).toMatchObject({ targetKbps: before / 2, reason: 'feedback-gap' });
    expect(call.sampleAt(21_250).targetKbps).toBe(before / 4);
    expect(call.sampleAt(22_300).targetKbps).toBeGreaterThan(2_300);
  });

  it('does not take a pause of the application for a gap', () => {
    const call = run({}, { encoderKbps: (_, nowMs) => (nowMs > 10_000 && nowMs < 20_000 ? 0 : 1_000) }, 25_000);
    expect(call.samples.map(({ reason }) => reason)).not.toContain('feedback-gap');
  });

  it.each([
    ['30 % lost', { feedbackLossRate: 0.3 }],
    ['lost, twice, reordered', { feedbackLossRate: 0.1, feedbackRepeatRate: 0.2, feedbackReorderRate: 0.2 }],
    ['receiver clock 500 ppm fast', { skewPpm: 500 }],
    ['receiver clock 500 ppm slow', { skewPpm: -500 }],
    ['receiver clock wraps', { clockOffsetMs: 2 ** 23 * 64 - 30_000 }],
    ['once in 250 ms', { intervalMs: 250 }],
  ])('uses the path: %s', (name, receiver) => {
    const call = run({ kbps: 3_000 }, { receiver });
    const figures = figuresOf(call, 10_000, 60_000);
    note(`steady 3000, feedback ${name}`, inWords(figures));
    expect(figures.receivedKbps).toBeGreaterThan(0.75 * 3_000);
    expect(figures.queueP95Ms).toBeLessThan(120);
    expect(percentile(targetsOf(call, 10_000, 60_000), 0.05)).toBeGreaterThan(0.7 * 3_000);
  });

  it('goes on when the sequence numbers wrap', () => {
    const call = run({ kbps: 10_000 }, {}, 90_000); // 65536 packets take about 70 s
    expect(call.receivedKbps(60_000, 80_000)).toBeGreaterThan(0.8 * 10_000);
  });
});
