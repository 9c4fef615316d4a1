import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { measureClock, parseControlMessage } from '../../../protocol/control-channel.ts';

describe('measureClock', () => {
  it('finds the offset of the clocks when both ways take the same time', () => {
    // The device is 1000 ms ahead; 20 ms there, 5 ms held, 20 ms back.
    const pong = { type: 'pong', pingSentAtMs: 100, receivedAtMs: 1_120, sentAtMs: 1_125 } as const;
    expect(measureClock(pong, 145)).toEqual({ rttMs: 40, offsetMs: 1_000 });
  });

  it('is off by half of what the two ways differ, whatever the clocks say', () => {
    const ms = fc.integer({ min: 0, max: 10_000 });
    fc.assert(
      fc.property(ms, ms, ms, fc.integer({ min: -1e9, max: 1e9 }), (thereMs, heldMs, backMs, offsetMs) => {
        const receivedAtMs = thereMs + offsetMs;
        const pong = { type: 'pong', pingSentAtMs: 0, receivedAtMs, sentAtMs: receivedAtMs + heldMs } as const;
        const measured = measureClock(pong, thereMs + heldMs + backMs);
        expect(measured.rttMs).toBe(thereMs + backMs);
        expect(measured.offsetMs).toBeCloseTo(offsetMs + (thereMs - backMs) / 2, 3);
      }),
    );
  });

  it('never measures a negative or endless round trip, however the device lies', () => {
    const timeMs = fc.double({ min: 0, max: Number.MAX_SAFE_INTEGER, noNaN: true });
    fc.assert(
      fc.property(timeMs, timeMs, timeMs, (pingSentAtMs, receivedAtMs, sentAtMs) => {
        const text = JSON.stringify({ type: 'pong', pingSentAtMs, receivedAtMs, sentAtMs });
        const pong = parseControlMessage(text);
        if (pong?.type !== 'pong') throw new Error(`refused: ${text}`);
        const { rttMs, offsetMs } = measureClock(pong, 5_000);
        expect(rttMs).toBeGreaterThanOrEqual(0);
        expect(Number.isFinite(rttMs) && Number.isFinite(offsetMs)).toBe(true);
      }),
    );
  });
});

describe('parseControlMessage', () => {
  it('takes pings, pongs and goodbyes', () => {
    const ping = { type: 'ping', sentAtMs: 1.5 };
    expect(parseControlMessage(JSON.stringify({ ...ping, more: 1 }))).toEqual(ping);
    expect(parseControlMessage('{"type":"bye","code":"shutdown"}')).toEqual({ type: 'bye', code: 'shutdown' });
  });

  it.each([
    ['binary data', new Uint8Array(4)],
    ['nothing', undefined],
    ['no JSON', 'ping'],
    ['an unknown type', '{"type":"steer"}'],
    ['a time that is text', '{"type":"ping","sentAtMs":"1"}'],
    ['a time that is endless', '{"type":"ping","sentAtMs":1e999}'],
    ['a time out of all bounds', '{"type":"ping","sentAtMs":1e300}'],
    ['a negative time', '{"type":"ping","sentAtMs":-1}'],
    ['an unknown code', '{"type":"bye","code":"because"}'],
    ['a long message', `{"type":"ping","sentAtMs":1,"pad":"${'x'.repeat(1024)}"}`],
    ['a deep message', '{"type":"ping","sentAtMs":1,"pad":[[[]]]}'],
  ])('refuses %s', (_, data) => {
    expect(parseControlMessage(data)).toBeNull();
  });
});
