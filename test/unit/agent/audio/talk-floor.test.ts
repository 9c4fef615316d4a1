import { beforeEach, describe, expect, it } from 'vitest';
import { TalkFloor } from '../../../../agent/audio/talk-floor.ts';

let floor: TalkFloor;

beforeEach(() => {
  floor = new TalkFloor();
});

describe('TalkFloor', () => {
  it('belongs to one session at a time', () => {
    expect(floor.take('a')).toBe(true);
    expect(floor.take('b')).toBe(false);
    expect(floor.take('a')).toBe(true);
    expect(floor.holder).toBe('a');
  });

  it('is free for the next when it is given back, by its holder alone', () => {
    floor.take('a');
    floor.release('b');
    expect(floor.holder).toBe('a');
    floor.release('a');
    expect(floor.holder).toBeNull();
    expect(floor.take('b')).toBe(true);
    floor.release('a');
    expect(floor.holder).toBe('b');
  });
});
