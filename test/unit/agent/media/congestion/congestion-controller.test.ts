import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CongestionController } from '../../../../../agent/media/congestion/congestion-controller.ts';
import { CongestionCall, runCongestion } from '../../../../helpers/congestion-call.ts';
import { CongestionLink } from '../../../../helpers/congestion-link.ts';

describe('without transport-wide feedback', () => {
  const options = { startKbps: 1_000, minKbps: 100, maxKbps: 5_000 };

  it('follows the estimate of the receiver', () => {
    const controller = new CongestionController(options);
    controller.handleRemb(2_345, 1_000);
    expect(controller).toMatchObject({ targetKbps: 2_345, reason: 'remb' });
    controller.handleRemb(50, 2_000);
    expect(controller.targetKbps).toBe(100);
  });

  it('decreases at high loss, and grows without', () => {
    const controller = new CongestionController(options);
    controller.handleReport({ lossFraction: 0.2, rttMs: 50 }, 1_000);
    expect(controller).toMatchObject({ targetKbps: 900, reason: 'loss', rttMs: 50 });
    controller.handleReport({ lossFraction: 0.05, rttMs: 50 }, 2_000);
    expect(controller.targetKbps).toBe(900);
    controller.handleReport({ lossFraction: 0, rttMs: 50 }, 3_000);
    expect(controller).toMatchObject({ targetKbps: 945, reason: 'increase' });
  });

  it('asks for no probe, of which nobody would tell the outcome', () => {
    const controller = new CongestionController(options);
    controller.handleTick(1_000);
    expect(controller.takeProbe(1_000)).toBeNull();
  });
});

it('caps the target by the estimate of the receiver', () => {
  const link = new CongestionLink({ rates: [{ fromMs: 0, kbps: 4_000 }] });
  const call = new CongestionCall({ link });
  runCongestion([call], 10_000);
  call.controller.handleRemb(700, 10_001);
  expect(call.controller).toMatchObject({ targetKbps: 700, reason: 'remb' });
  call.controller.handleRemb(9_000, 10_002);
  expect(call.controller.targetKbps).toBeGreaterThan(3_000);
});

describe('for any input', () => {
  const anyMs = fc.oneof(fc.double(), fc.integer({ min: -1e9, max: 1e9 }));
  const event = fc.oneof(
    fc.record({ kind: fc.constant('sent'), sizeBytes: fc.nat(1_500), isProbe: fc.boolean() }),
    fc.record({
      kind: fc.constant('feedback'),
      back: fc.nat(300),
      arrivals: fc.array(fc.oneof(anyMs, fc.constant(Number.NaN), fc.nat(10_000)), { maxLength: 60 }),
    }),
    fc.record({ kind: fc.constant('remb'), kbps: fc.double() }),
    fc.record({ kind: fc.constant('report'), lossFraction: fc.double(), rttMs: fc.option(fc.double()) }),
    fc.record({ kind: fc.constant('tick') }),
  );

  it('keeps the target finite and within its bounds', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(event, fc.nat(400)), { maxLength: 200 }), (events) => {
        const controller = new CongestionController({ startKbps: 500, minKbps: 150, maxKbps: 2_500 });
        let atMs = 0;
        let sequence = 65_500;
        for (const [one, elapsedMs] of events) {
          atMs += elapsedMs;
          if (one.kind === 'sent' && 'sizeBytes' in one) {
            sequence = (sequence + 1) & 0xffff;
            controller.handleSent({
              transportSequence: sequence,
              sizeBytes: one.sizeBytes,
              isProbe: one.isProbe,
              atMs,
            });
          } else if (one.kind === 'feedback' && 'arrivals' in one) {
            const arrivalsMs = Float64Array.from(one.arrivals);
            const baseSequenceNumber = (sequence - one.back) & 0xffff;
            controller.handleFeedback({ baseSequenceNumber, feedbackCount: 0, arrivalsMs, receivedCount: 0 }, atMs);
          } else if (one.kind === 'remb' && 'kbps' in one) controller.handleRemb(one.kbps, atMs);
          else if (one.kind === 'report' && 'lossFraction' in one) {
            controller.handleReport({ lossFraction: one.lossFraction, rttMs: one.rttMs }, atMs);
          } else controller.handleTick(atMs);
          const probe = controller.takeProbe(atMs);
          expect(controller.targetKbps).toBeGreaterThanOrEqual(150);
          expect(controller.targetKbps).toBeLessThanOrEqual(2_500);
          expect(controller.rttMs).toBeGreaterThanOrEqual(0);
          expect(controller.rttMs).toBeLessThanOrEqual(5_000);
          if (probe !== null) expect(probe.rateKbps).toBeLessThanOrEqual(2_500);
        }
      }),
      { numRuns: 150 },
    );
  });
});

describe('in the long run', () => {
  /** Packets at equal distances, one feedback message for some of them, one in 19 lost. */
  function feed(
    controller: CongestionController,
    options: { from: number; to: number; packetIntervalMs: number; perFeedback: number },
  ) {
    const { from, to, packetIntervalMs, perFeedback } = options;
    for (let base = from; base < to; base += perFeedback) {
      const arrivalsMs = Float64Array.from({ length: perFeedback }, (_, n) =>
        (base + n) % 19 === 0 ? Number.NaN : (base + n) * packetIntervalMs + 20,
      );
      const feedback = { baseSequenceNumber: base & 0xffff, feedbackCount: 0, arrivalsMs, receivedCount: perFeedback };
      for (let i = base; i < base + perFeedback; i += 1) {
        controller.handleSent({
          transportSequence: i & 0xffff,
          sizeBytes: 1_200,
          atMs: i * packetIntervalMs,
          isProbe: false,
        });
      }
      const atMs = (base + perFeedback) * packetIntervalMs + 40;
      controller.handleFeedback(feedback, atMs);
      controller.takeProbe(atMs);
    }
  }

  /** Bytes of buffers, and eight for each other value. */
  function stateBytes(state: unknown): number {
    if (ArrayBuffer.isView(state)) return state.byteLength;
    if (typeof state !== 'object' || state === null) return 8;
    return Object.values(state).reduce((sum: number, value) => sum + stateBytes(value), 8);
  }

  it('needs no more memory after a day than after an hour', () => {
    const controller = new CongestionController({ startKbps: 300, minKbps: 10, maxKbps: 1_000 });
    const packetsPerHour = 7_200;
    feed(controller, { from: 0, to: packetsPerHour, packetIntervalMs: 500, perFeedback: 4 });
    const afterAnHour = stateBytes(controller);
    feed(controller, { from: packetsPerHour, to: 24 * packetsPerHour, packetIntervalMs: 500, perFeedback: 4 });
    expect(Math.abs(stateBytes(controller) - afterAnHour)).toBeLessThan(200);
    expect(afterAnHour).toBeLessThan(100_000);
  });

  it('takes a small part of a core', () => {
    const controller = new CongestionController({ startKbps: 3_000, minKbps: 100, maxKbps: 20_000 });
    const perSecond = { packets: 333, feedbacks: 16 }; // 3 Mbit/s
    const seconds = 180;
    const before = process.cpuUsage();
    const perFeedback = Math.round(perSecond.packets / perSecond.feedbacks);
    feed(controller, { from: 0, to: seconds * perSecond.packets, packetIntervalMs: 3, perFeedback });
    const { user, system } = process.cpuUsage(before);
    const perFeedbackUs = (user + system) / (seconds * perSecond.feedbacks);
    console.log(
      `congestion control: ${perFeedbackUs.toFixed(1)} us of CPU a feedback message and its ${perFeedback} packets`,
    );
    expect((user + system) / 1e6 / seconds).toBeLessThan(0.005);
  });
});
