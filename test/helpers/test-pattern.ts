import { testPatternClock } from '../../agent/camera/test-pattern.ts';

/**
 * Reads the milliseconds of the wall clock, modulo 65536, off a picture of the test pattern.
 *
 * @param gray one byte of luma per pixel, row by row
 */
export function readTestPatternClock(gray: Uint8Array, width: number, height: number): number {
  const cell = width / testPatternClock.cellsPerWidth;
  const row = Math.floor(height - cell / 2);
  let number = 0;
  for (let bit = 0; bit < testPatternClock.bits; bit += 1) {
    const column = Math.floor((bit + 0.5) * cell);
    number = number * 2 + ((gray[row * width + column] ?? 0) > 127 ? 1 : 0);
  }
  return number;
}

/** How long before `wallClockMs` (since 1970) a clock showed `reading`; up to a minute, negative when it was later. */
export function ageOfReading(reading: number, wallClockMs: number): number {
  const range = 2 ** testPatternClock.bits;
  const ageMs = (((wallClockMs - reading) % range) + range) % range;
  return ageMs < range - 5_000 ? ageMs : ageMs - range;
}
