import { describe, expect, it } from 'vitest';
import { buildLossConcealment, concealmentMs, opusDurationMs } from '../../../../agent/audio/opus-packet.ts';

const toc = (configuration: number, code: number) => (configuration << 3) | code;

describe('opusDurationMs', () => {
  it.each([
    ['one SILK frame of 60 ms', [toc(3, 0), 1], 60],
    ['one hybrid frame of 20 ms', [toc(15, 0), 1], 20],
    ['one CELT frame of 2.5 ms', [toc(16, 0), 1], 2.5],
    ['two frames of one size', [toc(31, 1), 1, 1], 40],
    ['two frames of two sizes', [toc(12, 2), 1, 1], 20],
    ['six frames', [toc(31, 3), 6], 120],
  ])('knows %s', (_, bytes, durationMs) => {
    expect(opusDurationMs(Uint8Array.from(bytes))).toBe(durationMs);
  });

  it.each([
    ['nothing', []],
    ['no frame', [toc(31, 3), 0]],
    ['a missing count', [toc(31, 3)]],
    ['more than 120 ms', [toc(31, 3), 7]],
  ])('refuses %s', (_, bytes) => {
    expect(opusDurationMs(Uint8Array.from(bytes))).toBeNull();
  });
});

describe('buildLossConcealment', () => {
  it('is one frame of no bytes in the mode of the next packet', () => {
    const next = Uint8Array.of(toc(31, 3) | 4, 6, 1);
    const packet = buildLossConcealment(next);
    expect([...packet]).toEqual([toc(31, 0) | 4]);
    expect(opusDurationMs(packet)).toBe(concealmentMs(next));
  });
});
