import { describe, expect, it } from 'vitest';
import { closeAll } from '../../../../agent/ffmpeg/close-all.ts';

describe('closeAll', () => {
  it('closes what is left when a part fails, and tells the failure when all are done', async () => {
    const closed: string[] = [];
    const part = (name: string, error?: Error) => ({
      close: async () => {
        await Promise.resolve();
        if (error) throw error;
        closed.push(name);
      },
    });
    const parts = [part('socket', new Error('EROFS')), part('other socket'), part('input')];
    await expect(closeAll(parts)).rejects.toThrow('EROFS');
    expect(closed).toEqual(['other socket', 'input']);
  });
});
