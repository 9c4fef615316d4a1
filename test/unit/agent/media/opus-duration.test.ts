import { Buffer } from 'node:buffer';
import { expect, it } from 'vitest';
import { opusDurationTicks } from '../../../../agent/media/opus-duration.ts';

// RFC 6716, table 2 and section 3.2: the configuration, then the number of frames.
it.each([
  ['SILK 10 ms', [0 << 3], 480],
  ['SILK 60 ms', [3 << 3], 2880],
  ['hybrid 10 ms', [12 << 3], 480],
  ['hybrid 20 ms', [15 << 3], 960],
  ['CELT 2.5 ms', [16 << 3], 120],
  ['CELT 20 ms, stereo', [(31 << 3) | 4], 960],
  ['two of 20 ms', [(31 << 3) | 1], 1920],
  ['two of different size', [(31 << 3) | 2], 1920],
  ['three of 20 ms', [(31 << 3) | 3, 3], 2880],
  ['48 of 2.5 ms with padding', [(16 << 3) | 3, 0x40 | 48], 5760],
  ['more than 120 ms', [(31 << 3) | 3, 7], null],
  ['no frames', [(31 << 3) | 3, 0], null],
  ['a missing count', [(31 << 3) | 3], null],
  ['nothing', [], null],
])('an Opus packet of %s plays its time', (_name, bytes, ticks) => {
  expect(opusDurationTicks(Buffer.from(bytes))).toBe(ticks);
});
