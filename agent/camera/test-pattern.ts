import type { EncodingSettings } from './encoder.ts';

/**
 * The machine-readable clock of the test pattern: the milliseconds of the device's wall clock since 1970, modulo 2^bits, as white (1) and
 * black (0) square cells on a black strip. The strip lies along the bottom edge from the left, most significant bit
 * first. A cell is as wide as the picture divided by `cellsPerWidth` (32 pixels at 1280), so the clock is read the same way at every
 * size.
 */
export const testPatternClock = { bits: 16, cellsPerWidth: 40 } as const;

/** A lavfi graph: a moving picture with the clock, at the full size of the settings and in real time. */
export function buildTestPattern({ widthMax, heightMax, fps }: EncodingSettings): string {
  const width = Math.max(2, widthMax - (widthMax % 2));
  const height = Math.max(2, heightMax - (heightMax % 2));
  const { bits, cellsPerWidth } = testPatternClock;
  const size = width / cellsPerWidth;
  const bitEdge = (bit: number) => Math.round(bit * size);
  const top = height - Math.round(size);
  const strip = `drawbox=x=0:y=${top}:w=${bitEdge(bits)}:h=${height - top}:color=black:t=fill`;
  const cells = Array.from({ length: bits }, (_, bit) => {
    const box = `x=${bitEdge(bit)}:y=${top}:w=${bitEdge(bit + 1) - bitEdge(bit)}:h=${height - top}`;
    return `drawbox=${box}:color=white:t=fill:enable='bitand(floor(t*1000),${2 ** (bits - 1 - bit)})'`;
  });
  // Paced before the clock is read: `-re` would hold the picture back after that.
  const paced = ['realtime', 'settb=1/1000000', 'setpts=RTCTIME'];
  return [`testsrc2=size=${width}x${height}:rate=${fps}`, ...paced, strip, ...cells].join(',');
}
