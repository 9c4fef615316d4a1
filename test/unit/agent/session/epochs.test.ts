import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Epochs } from '../../../../agent/session/epochs.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function buildEpochs() {
  let drawn = 0;
  const onRenewed = vi.fn();
  const epochs = new Epochs({
    random: (lengthBytes) => new Uint8Array(lengthBytes).fill(++drawn),
    intervalMs: 600_000,
    onRenewed,
  });
  return { epochs, onRenewed };
}

it('is 16 random bytes from the beginning', () => {
  const { epochs } = buildEpochs();
  expect(epochs.current).toBe(Buffer.alloc(16, 1).toString('base64url'));
  expect(epochs.isValid(epochs.current)).toBe(true);
  expect(vi.getTimerCount()).toBe(0);
});

it('accepts nothing it has not given out', () => {
  const { epochs } = buildEpochs();
  expect(epochs.isValid('')).toBe(false);
  expect(epochs.isValid(Buffer.alloc(16, 2).toString('base64url'))).toBe(false);
});

it('renews at the interval, tells so, and keeps the one before valid', async () => {
  const { epochs, onRenewed } = buildEpochs();
  const first = epochs.current;
  epochs.start();
  epochs.start();
  await vi.advanceTimersByTimeAsync(600_000);
  const second = epochs.current;
  expect(second).not.toBe(first);
  expect([first, second].map((epoch) => epochs.isValid(epoch))).toEqual([true, true]);
  await vi.advanceTimersByTimeAsync(600_000);
  expect([first, second, epochs.current].map((epoch) => epochs.isValid(epoch))).toEqual([false, true, true]);
  expect(onRenewed.mock.calls).toEqual([[1], [2]]);
});

it('leaves no timer when stopped', () => {
  const { epochs } = buildEpochs();
  epochs.start();
  epochs.stop();
  expect(vi.getTimerCount()).toBe(0);
});
