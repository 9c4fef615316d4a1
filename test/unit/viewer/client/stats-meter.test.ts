import { describe, expect, it } from 'vitest';
import { StatsMeter } from '../../../../viewer/client/stats-meter.ts';
import { noLineCounters } from '../../../fakes/fake-viewer-platform.ts';

const first = {
  ...noLineCounters,
  framesDecoded: 30,
  bytesReceived: 250_000,
  packetsReceived: 200,
  packetsLost: 0,
  jitterBufferDelayMs: 600,
  jitterBufferFrames: 30,
};
describe('StatsMeter', () => {
  it('takes the first totals as those of one second', () => {
    const stats = new StatsMeter().measure(first, 1_000);
    expect(stats).toMatchObject({ framesPerSecond: 30, bitrateKbps: 2_000, jitterBufferMs: 20, lossPercent: 0 });
    expect(stats).toMatchObject({ framesDecoded: 30 });
  });

  it('turns what has grown since into rates', () => {
    const meter = new StatsMeter();
    meter.measure(first, 1_000);
    const second = {
      ...first,
      framesDecoded: 80,
      bytesReceived: 750_000,
      packetsReceived: 590,
      packetsLost: 10,
      jitterBufferDelayMs: 1_100,
      jitterBufferFrames: 80,
    };
    expect(meter.measure(second, 3_000)).toMatchObject({
      framesPerSecond: 25,
      bitrateKbps: 2_000,
      lossPercent: 2.5,
      jitterBufferMs: 10,
      packetsLost: 10,
    });
  });

  it('shows a standstill as zero, and no jitter buffer without frames', () => {
    const meter = new StatsMeter();
    meter.measure(first, 1_000);
    expect(meter.measure(first, 2_000)).toMatchObject({
      framesPerSecond: 0,
      bitrateKbps: 0,
      lossPercent: 0,
      jitterBufferMs: null,
    });
  });

  it('is never negative when a counter goes back, as the loss does when late packets arrive', () => {
    const meter = new StatsMeter();
    meter.measure({ ...first, packetsLost: 5 }, 1_000);
    expect(meter.measure({ ...first, packetsLost: 2 }, 2_000).lossPercent).toBe(0);
  });

  it('survives two measurements at the same time', () => {
    const meter = new StatsMeter();
    meter.measure(first, 1_000);
    expect(Number.isFinite(meter.measure(first, 1_000).framesPerSecond)).toBe(true);
  });
});
