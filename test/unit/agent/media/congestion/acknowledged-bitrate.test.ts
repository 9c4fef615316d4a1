import { describe, expect, it } from 'vitest';
import { AcknowledgedBitrate } from '../../../../../agent/media/congestion/acknowledged-bitrate.ts';

/** Packets of 1250 bytes at a rate. Returns when the next one would arrive. */
function feed(bitrate: AcknowledgedBitrate, options: { kbps: number; fromMs: number; durationMs: number }): number {
  const intervalMs = 10_000 / options.kbps;
  let atMs = options.fromMs;
  for (; atMs < options.fromMs + options.durationMs; atMs += intervalMs) bitrate.add(atMs, 1_250);
  return atMs;
}

describe('AcknowledgedBitrate', () => {
  it('is unknown before half a second', () => {
    const bitrate = new AcknowledgedBitrate();
    feed(bitrate, { kbps: 1_000, fromMs: 0, durationMs: 490 });
    expect(bitrate.kbps).toBeNull();
  });

  it('measures a steady rate, and follows one that changes', () => {
    const bitrate = new AcknowledgedBitrate();
    const changedAtMs = feed(bitrate, { kbps: 1_000, fromMs: 0, durationMs: 2_000 });
    expect(bitrate.kbps).toBeCloseTo(1_000, -1);
    feed(bitrate, { kbps: 400, fromMs: changedAtMs, durationMs: 2_500 });
    expect(bitrate.kbps).toBeGreaterThan(390);
    expect(bitrate.kbps).toBeLessThan(500);
  });

  it('follows at once when the path is known to have changed', () => {
    const bitrate = new AcknowledgedBitrate();
    const changedAtMs = feed(bitrate, { kbps: 1_000, fromMs: 0, durationMs: 2_000 });
    bitrate.skipGap();
    feed(bitrate, { kbps: 200, fromMs: changedAtMs, durationMs: 140 });
    bitrate.expectChange();
    expect(bitrate.kbps).toBeLessThan(400);
  });

  it('does not take a pause for a lower capacity', () => {
    const bitrate = new AcknowledgedBitrate();
    const pausedAtMs = feed(bitrate, { kbps: 1_000, fromMs: 0, durationMs: 2_000 });
    feed(bitrate, { kbps: 1_000, fromMs: pausedAtMs + 2_000, durationMs: 400 });
    expect(bitrate.kbps).toBeCloseTo(1_000, -1);
  });

  it('leaves out a window with packets whose fate is unknown', () => {
    const bitrate = new AcknowledgedBitrate();
    let atMs = feed(bitrate, { kbps: 1_000, fromMs: 0, durationMs: 2_000 });
    for (let i = 0; i < 20; i += 1) {
      bitrate.skipGap();
      atMs = feed(bitrate, { kbps: 1_000, fromMs: atMs + 60, durationMs: 160 });
    }
    expect(bitrate.kbps).toBeCloseTo(1_000, -1);
  });
});
