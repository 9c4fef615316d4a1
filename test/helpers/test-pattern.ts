import { testPatternClock } from '../../agent/camera/test-pattern.ts';

/** Reads the frame number off a picture of the test pattern. @param gray one byte of luma per pixel, row by row */
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
