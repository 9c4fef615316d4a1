import { expect, it } from 'vitest';
import { FirstFramePatience } from '../../../../agent/camera/first-frame-patience.ts';

it('waits longer for the first picture at each try in a row, up to a bound, and begins anew after a picture', () => {
  const patience = new FirstFramePatience();
  const waited = Array.from({ length: 5 }, () => {
    const { timeoutMs } = patience;
    patience.handleSilence();
    return timeoutMs;
  });
  expect(waited).toEqual([10_000, 20_000, 40_000, 40_000, 40_000]);
  patience.handleFrame();
  expect(patience.timeoutMs).toBe(10_000);
});
