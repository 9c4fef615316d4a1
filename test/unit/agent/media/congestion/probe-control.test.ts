import { describe, expect, it } from 'vitest';
import {
  buildProbeRequest,
  ProbeCluster,
  type ProbeRequest,
} from '../../../../../agent/media/congestion/probe-cluster.ts';
import { ProbeControl, type ProbeSituation } from '../../../../../agent/media/congestion/probe-control.ts';

const packetBytes = 1_200;

/** Sends the packets of a request at its rate through a bottleneck, all but the lost ones. */
function burstThrough(request: ProbeRequest, capacityKbps: number, isLost = (_: number) => false) {
  const packets = Math.max(request.packetsMin, Math.ceil(request.bytesMin / packetBytes));
  const pace = (kbps: number) => (packetBytes * 8) / kbps;
  const intervalMs = Math.max(pace(request.rateKbps), pace(capacityKbps));
  return Array.from({ length: packets }, (_, i) => ({
    sentAtMs: i * pace(request.rateKbps),
    arrivedAtMs: isLost(i) ? null : 5_000 + i * intervalMs,
  }));
}

function measure(rateKbps: number, capacityKbps: number, isLost?: (i: number) => boolean): number | null {
  const request = buildProbeRequest(rateKbps);
  const cluster = new ProbeCluster(request);
  const packets = burstThrough(request, capacityKbps, isLost);
  for (const _ of packets) cluster.handleSent(packetBytes);
  for (const { sentAtMs, arrivedAtMs } of packets) {
    if (arrivedAtMs === null) cluster.handleMissing();
    else cluster.handleArrival(sentAtMs, arrivedAtMs, packetBytes);
  }
  expect(cluster.isResolved).toBe(true);
  return cluster.measuredKbps();
}

describe('ProbeCluster', () => {
  it('measures its own rate on a path with room', () => {
    expect(measure(3_000, 10_000)).toBeCloseTo(3_000);
  });

  it('measures a little less than the capacity of a path that it fills', () => {
    expect(measure(6_000, 4_000)).toBeCloseTo(0.95 * 4_000);
  });

  it('measures nothing when more than a fifth is lost', () => {
    expect(measure(6_000, 10_000, (i) => i % 3 === 0)).toBeNull();
    expect(measure(6_000, 10_000, (i) => i === 4)).not.toBeNull();
  });

  it('does not believe packets that arrive all at once', () => {
    const cluster = new ProbeCluster(buildProbeRequest(3_000));
    for (let i = 0; i < 10; i += 1) {
      cluster.handleSent(packetBytes);
      cluster.handleArrival(i * 3, 1_000, packetBytes);
    }
    expect(cluster.measuredKbps()).toBeNull();
  });
});

describe('ProbeControl', () => {
  const situationAt = (atMs: number, more: Partial<ProbeSituation> = {}): ProbeSituation => ({
    targetKbps: 1_000,
    isAppLimited: false,
    isNearCapacity: false,
    isCongested: false,
    rttMs: 50,
    atMs,
    ...more,
  });

  function finish(control: ProbeControl, request: ProbeRequest, capacityKbps: number, atMs: number): number | null {
    for (const { sentAtMs, arrivedAtMs } of burstThrough(request, capacityKbps)) {
      const probeId = control.handleSent(packetBytes);
      control.handleArrival({ sentAtMs, arrivedAtMs: arrivedAtMs ?? 0, sizeBytes: packetBytes, probeId });
    }
    return control.conclude(atMs);
  }

  it('begins with three and six times the start, and goes on while there is room', () => {
    const control = new ProbeControl({ startKbps: 1_000, maxKbps: 20_000 });
    const rates: number[] = [];
    let targetKbps = 1_000;
    for (let atMs = 0; atMs < 1_000; atMs += 100) {
      const request = control.take(situationAt(atMs, { targetKbps }));
      if (request === null) continue;
      rates.push(Math.round(request.rateKbps));
      expect(control.take(situationAt(atMs, { targetKbps }))).toBeNull();
      targetKbps = finish(control, request, 8_000, atMs) ?? targetKbps;
    }
    expect(rates).toEqual([3_000, 6_000, 12_000]);
    expect(targetKbps).toBeCloseTo(0.95 * 8_000);
  });

  it('never asks for more than the maximum, nor for a burst that would tell nothing', () => {
    const control = new ProbeControl({ startKbps: 1_000, maxKbps: 2_000 });
    expect(control.take(situationAt(0))?.rateKbps).toBe(2_000);
    const satisfied = new ProbeControl({ startKbps: 1_000, maxKbps: 2_000 });
    expect(satisfied.take(situationAt(0, { targetKbps: 1_950 }))).toBeNull();
  });

  it('waits while the path is congested', () => {
    const control = new ProbeControl({ startKbps: 1_000, maxKbps: 20_000 });
    expect(control.take(situationAt(0, { isCongested: true }))).toBeNull();
    expect(control.take(situationAt(100))).not.toBeNull();
  });

  it('gives up on a burst that never comes back', () => {
    const control = new ProbeControl({ startKbps: 1_000, maxKbps: 20_000 });
    expect(control.take(situationAt(0))).not.toBeNull();
    control.handleSent(packetBytes);
    expect(control.conclude(500)).toBeNull();
    expect(control.isProbing).toBe(true);
    expect(control.conclude(2_000)).toBeNull();
    expect(control.isProbing).toBe(false);
  });

  function ratesWithin(control: ProbeControl, fromMs: number, toMs: number, more: Partial<ProbeSituation>): number[] {
    const rates: number[] = [];
    for (let atMs = fromMs; atMs < toMs; atMs += 100) {
      control.schedule(situationAt(atMs, more));
      const request = control.take(situationAt(atMs, more));
      if (request === null) continue;
      rates.push(request.rateKbps);
      finish(control, request, 1_000, atMs);
    }
    return rates;
  }

  it('looks for more every five seconds while the application sends too little to tell', () => {
    const control = new ProbeControl({ startKbps: 1_000, maxKbps: 20_000 });
    ratesWithin(control, 0, 1_000, {});
    expect(ratesWithin(control, 1_000, 21_000, { isAppLimited: true })).toEqual([2_000, 2_000, 2_000, 2_000]);
    expect(ratesWithin(control, 21_000, 60_000, { isNearCapacity: true })).toEqual([]);
  });

  it('looks for more every second while less is there than needed, and less often where there is none', () => {
    const control = new ProbeControl({ startKbps: 1_000, maxKbps: 20_000, neededKbps: 8_000 });
    ratesWithin(control, 0, 1_000, {});
    control.noteDecrease(1_000);
    const timesMs: number[] = [];
    for (let atMs = 1_000; atMs < 30_000; atMs += 100) {
      if (ratesWithin(control, atMs, atMs + 100, { isNearCapacity: true, targetKbps: 900 }).length > 0)
        timesMs.push(atMs);
    }
    const pausesMs = timesMs.slice(1).map((atMs, i) => atMs - (timesMs[i] ?? 0));
    expect(pausesMs.at(0)).toBeLessThanOrEqual(4_000);
    expect(pausesMs.at(-1)).toBe(8_000);
    expect(ratesWithin(control, 30_000, 60_000, { isNearCapacity: true, targetKbps: 8_000 })).toEqual([]);
  });

  it('looks once, some time after a large drop, whether the old rate is back', () => {
    const control = new ProbeControl({ startKbps: 1_000, maxKbps: 20_000 });
    ratesWithin(control, 0, 1_000, {});
    control.recoverLater(3_400, 1_000);
    expect(ratesWithin(control, 1_000, 3_900, { isNearCapacity: true })).toEqual([]);
    expect(ratesWithin(control, 3_900, 20_000, { isNearCapacity: true })).toEqual([3_400]);
  });
});
