import { Buffer } from 'node:buffer';
import type { AccessUnit } from '../../agent/media/access-unit.ts';
import type { MediaClock } from '../../agent/media/media-clock.ts';

/** The clock of the process, which `vi.useFakeTimers()` takes over. */
export const processClock: MediaClock = { nowMs: () => performance.now(), wallClockMs: () => Date.now() };

export const spsNal = Buffer.from([0x67, 0x42, 0xe0, 0x1f, 0xda, 0x01]);
export const ppsNal = Buffer.from([0x68, 0xce, 0x3c, 0x80, 0x01]);

/** A NAL unit of the given type and size whose content is no start code. */
export function nalOf(type: number, bytes: number, fill = 0xab): Buffer {
  const nal = Buffer.alloc(bytes, fill);
  nal[0] = 0x60 | type;
  return nal;
}

export function annexBOf(nals: readonly Buffer[]): Buffer {
  return Buffer.concat(nals.flatMap((nal) => [Buffer.from([0, 0, 0, 1]), nal]));
}

/** An access unit that arrives now; its presentation time is the arrival unless given. */
export function unitOf(nals: readonly Buffer[], ptsMs = processClock.nowMs()): AccessUnit {
  const isKeyframe = nals.some((nal) => ((nal[0] ?? 0) & 0x1f) === 5);
  return {
    data: annexBOf(nals),
    ptsTicks90k: ptsMs * 90,
    isKeyframe,
    capturedAtMs: processClock.nowMs(),
    arrivedAtMs: processClock.nowMs(),
  };
}

export function keyframe(sliceBytes = 3000, ptsMs?: number): AccessUnit {
  return unitOf([spsNal, ppsNal, nalOf(5, sliceBytes)], ptsMs);
}

export function deltaFrame(sliceBytes = 500, ptsMs?: number): AccessUnit {
  return unitOf([nalOf(1, sliceBytes)], ptsMs);
}

/** An access unit of one coded frame, captured now. */
export function vp8UnitOf(data: Buffer): AccessUnit {
  const nowMs = processClock.nowMs();
  const isKeyframe = ((data[0] ?? 1) & 1) === 0;
  return { data, ptsTicks90k: nowMs * 90, isKeyframe, capturedAtMs: nowMs, arrivedAtMs: nowMs };
}

/** With the header that a decoder looks at first (RFC 6386 9.1). */
export function vp8Keyframe(bytes = 3000): AccessUnit {
  const data = Buffer.alloc(bytes, 0xab);
  Buffer.from([0x10, 0x02, 0x00, 0x9d, 0x01, 0x2a]).copy(data);
  return vp8UnitOf(data);
}

export function vp8Delta(bytes = 500): AccessUnit {
  return vp8UnitOf(Buffer.alloc(bytes, 0xab));
}

/** One frame of 20 ms (CELT, fullband), captured now unless told. */
export function opusUnit(bytes = 120, capturedAtMs = processClock.nowMs()): AccessUnit {
  const data = Buffer.alloc(bytes, 0xab);
  data[0] = 31 << 3;
  return { data, ptsTicks90k: capturedAtMs * 90, isKeyframe: true, capturedAtMs, arrivedAtMs: capturedAtMs };
}
