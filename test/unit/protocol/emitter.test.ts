import { describe, expect, it, vi } from 'vitest';
import { Emitter } from '../../../protocol/emitter.ts';

interface Events {
  changed: { to: string };
  gone: Record<string, never>;
}

describe('Emitter', () => {
  it('calls the listeners of that event, in order, until they are taken off', () => {
    const emitter = new Emitter<Events>();
    const calls: string[] = [];
    const stopFirst = emitter.on('changed', ({ to }) => calls.push(`first ${to}`));
    emitter.on('changed', ({ to }) => calls.push(`second ${to}`));
    emitter.on('gone', () => calls.push('gone'));
    emitter.emit('changed', { to: 'a' });
    stopFirst();
    stopFirst();
    emitter.emit('changed', { to: 'b' });
    expect(calls).toEqual(['first a', 'second a', 'second b']);
  });

  it('goes on after a listener that throws, and reports it', () => {
    const problems: unknown[] = [];
    const emitter = new Emitter<Events>((error) => problems.push(error));
    const error = new Error('listener');
    const second = vi.fn();
    emitter.on('changed', () => {
      throw error;
    });
    emitter.on('changed', second);
    emitter.emit('changed', { to: 'a' });
    expect(second).toHaveBeenCalledOnce();
    expect(problems).toEqual([error]);
  });

  it('is loud about a listener that throws when nobody wants to know', async () => {
    const emitter = new Emitter<Events>();
    const error = new Error('listener');
    const seen = new Promise((resolve) => {
      // The test runner's own listeners would make the run fail, which is what loud means.
      const others = process.listeners('unhandledRejection');
      process.removeAllListeners('unhandledRejection');
      process.once('unhandledRejection', (reason) => {
        for (const other of others) process.on('unhandledRejection', other);
        resolve(reason);
      });
    });
    emitter.on('gone', () => {
      throw error;
    });
    emitter.emit('gone', {});
    expect(await seen).toBe(error);
  });

  it('lets listeners come and go while it emits', () => {
    const emitter = new Emitter<Events>();
    const late = vi.fn();
    const stop = emitter.on('gone', () => {
      stop();
      emitter.on('gone', late);
    });
    emitter.emit('gone', {});
    expect(late).not.toHaveBeenCalled();
    emitter.emit('gone', {});
    expect(late).toHaveBeenCalledOnce();
  });

  it('has nothing to do without listeners', () => {
    expect(() => new Emitter<Events>().emit('gone', {})).not.toThrow();
  });
});
