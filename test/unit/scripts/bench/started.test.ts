import { describe, expect, it, vi } from 'vitest';
import { Started } from '../../../../scripts/bench/started.ts';

const later = () => new Promise((resolve) => setImmediate(resolve));

describe('what a step has started', () => {
  it('is ended in the opposite order, once, and everybody waits for the end', async () => {
    const started = new Started();
    const ended: number[] = [];
    for (const id of [1, 2, 3]) {
      started.onEnd(async () => {
        await later();
        ended.push(id);
      });
    }
    await Promise.all([started.endAll(), started.endAll().then(() => expect(ended).toEqual([3, 2, 1]))]);
    await started.endAll();
    expect(ended).toEqual([3, 2, 1]);
    expect(started.signal.aborted).toBe(true);
  });

  it('is ended too when it came up while the others were being ended', async () => {
    const started = new Started();
    const late = vi.fn();
    started.onEnd(async () => {
      await later();
      started.onEnd(late);
      await later();
    });
    await started.endAll();
    expect(late).toHaveBeenCalledOnce();
    started.onEnd(late);
    await started.endAll();
    expect(late).toHaveBeenCalledTimes(2);
  });

  it('is ended to the last, whatever fails on the way', async () => {
    const complain = vi.spyOn(console, 'error').mockImplementation(() => {});
    const started = new Started();
    const first = vi.fn();
    started.onEnd(first);
    started.onEnd(() => {
      throw new Error('stuck');
    });
    await started.endAll();
    expect(first).toHaveBeenCalledOnce();
    expect(complain).toHaveBeenCalledOnce();
    complain.mockRestore();
  });
});
