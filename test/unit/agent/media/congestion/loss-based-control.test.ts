import { describe, expect, it } from 'vitest';
import { LossBasedControl } from '../../../../../agent/media/congestion/loss-based-control.ts';
import { averageLossOf, likelihoodOf } from '../../../../../agent/media/congestion/loss-model.ts';
import { seededRandom } from '../../../../helpers/congestion-link.ts';

const unlimited = Number.POSITIVE_INFINITY;
const observationOf = (sentKbps: number, packets: number, lost: number) => ({ sentKbps, packets, lost });

describe('the loss model', () => {
  it('prefers a bandwidth where more is lost at higher rates', () => {
    const observations = [
      observationOf(1_000, 100, 0),
      observationOf(1_250, 125, 25),
      observationOf(1_000, 100, 0),
      observationOf(2_000, 200, 100),
    ];
    expect(likelihoodOf(1_000, observations, 0.1)).toBeGreaterThan(likelihoodOf(unlimited, observations, 0.1) + 20);
  });

  it('prefers loss of the path where the rate makes no difference', () => {
    const observations = [1_000, 2_000, 1_500, 3_000].map((kbps) => observationOf(kbps, kbps / 10, kbps / 100));
    expect(likelihoodOf(unlimited, observations, 0.1)).toBeGreaterThan(likelihoodOf(2_000, observations, 0.1) + 5);
  });

  it('weighs recent loss more', () => {
    const [clean, lossy] = [observationOf(1_000, 100, 0), observationOf(1_000, 100, 20)];
    expect(averageLossOf([clean, lossy])).toBeGreaterThan(averageLossOf([lossy, clean]));
    expect(averageLossOf([])).toBe(0);
  });
});

describe('LossBasedControl', () => {
  /** Sends at the rate that `rateAt` tells, in packets of 1250 bytes; returns the limits on the way. */
  function run(options: {
    rateAt: (limitKbps: number, second: number) => number;
    isLost: (sentKbps: number) => boolean;
    arrivingKbps: (sentKbps: number) => number;
    seconds: number;
  }) {
    const control = new LossBasedControl({ minKbps: 100 });
    const limits: number[] = [];
    for (let atMs = 0; atMs < options.seconds * 1_000; ) {
      const kbps = options.rateAt(control.limitKbps, atMs / 1_000);
      control.handlePacket(atMs, 1_250, options.isLost(kbps));
      control.update({ delayKbps: 4_000, acknowledgedKbps: options.arrivingKbps(kbps), queueMs: 0, atMs });
      limits.push(control.limitKbps);
      atMs += 10_000 / kbps;
    }
    return { control, limits };
  }

  it.each([0.02, 0.05, 0.1])('sets no limit at a random loss of %d', (rate) => {
    const random = seededRandom(5);
    const { control, limits } = run({
      rateAt: (_, second) => 3_000 + 500 * Math.sin(second),
      isLost: () => random() < rate,
      arrivingKbps: (sentKbps) => sentKbps * (1 - rate),
      seconds: 60,
    });
    expect(Math.min(...limits)).toBe(unlimited);
    expect(control.lossFraction).toBeGreaterThan(rate / 3);
  });

  it('finds the rate above which packets are dropped, and grows again when it rises', () => {
    const random = seededRandom(6);
    let capacityKbps = 1_000;
    const rateAt = (limitKbps: number, second: number) => {
      if (second > 30) capacityKbps = 10_000;
      return Math.min(limitKbps, 2_000 + 300 * Math.sin(second));
    };
    const isLost = (sentKbps: number) => random() < Math.max(0, 1 - capacityKbps / sentKbps);
    const arrivingKbps = (sentKbps: number) => Math.min(sentKbps, capacityKbps);
    const { limits } = run({ rateAt, isLost, arrivingKbps, seconds: 60 });
    const half = limits.length / 2;
    expect(Math.min(...limits.slice(0, half))).toBeGreaterThan(600);
    expect(Math.min(...limits.slice(0, half))).toBeLessThan(1_100);
    expect(limits.at(-1)).toBeGreaterThan(2_000);
  });

  it('takes back a loss when the packet arrives after all', () => {
    const control = new LossBasedControl({ minKbps: 100 });
    for (let i = 0; i < 400; i += 1) {
      control.handlePacket(i * 5, 1_250, i % 4 === 0);
      if (i % 4 === 0) control.handleRecovered();
      control.update({ delayKbps: 4_000, acknowledgedKbps: null, queueMs: 0, atMs: i * 5 });
    }
    expect(control.lossFraction).toBe(0);
  });
});
