import { beforeEach, describe, expect, it, vi } from 'vitest';
import { TalkFloor } from '../../../../agent/audio/talk-floor.ts';
import type { TalkPlayer } from '../../../../agent/audio/talk-player.ts';
import { TalkDesk } from '../../../../agent/session/talk-desk.ts';

const anna = { sessionId: 'one', label: 'Anna' };
const bert = { sessionId: 'two', label: 'Bert' };

describe('TalkDesk', () => {
  let desk: TalkDesk;
  const onChange = vi.fn();

  beforeEach(() => {
    onChange.mockClear();
    const player = { open: vi.fn(), stop: vi.fn() } as unknown as TalkPlayer;
    desk = new TalkDesk({ floor: new TalkFloor(), player });
    desk.events.on('change', onChange);
  });

  it('tells each session who talks, by name, and whether it is itself', () => {
    desk.take(anna, 111);
    expect(desk.describeFor('one')).toEqual({ talker: 'Anna', mine: true });
    expect(desk.describeFor('two')).toEqual({ talker: 'Anna', mine: false });
    desk.release('one');
    expect(desk.describeFor('two')).toEqual({ talker: null, mine: false });
    expect(onChange).toHaveBeenCalledTimes(2);
  });

  it('refuses a second talker with the name of the first, and keeps it', () => {
    desk.take(anna, 111);
    expect(() => desk.take(bert, 111)).toThrow(
      expect.objectContaining({ code: 'unavailable', message: 'Anna is talking.' }),
    );
    desk.release('two');
    expect(desk.describeFor('two')).toEqual({ talker: 'Anna', mine: false });
  });
});
