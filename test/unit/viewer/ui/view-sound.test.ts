import { beforeEach, describe, expect, it, vi } from 'vitest';
import { RpcError } from '../../../../protocol/rpc.ts';
import { ViewSound } from '../../../../viewer/ui/view-sound.ts';

const asked = vi.fn();
const onProblem = vi.fn();
let refusal: Error | null;
let sound: ViewSound;
let wall: { isMuted: boolean };

beforeEach(() => {
  vi.clearAllMocks();
  refusal = null;
  const session = {
    isListening: false,
    async setListening(isListening: boolean) {
      session.isListening = isListening;
      asked(isListening);
      if (refusal) throw refusal;
    },
  };
  let isMuted = true;
  wall = {
    get isMuted() {
      return isMuted;
    },
    // As the real one, it tells each change.
    set isMuted(value) {
      isMuted = value;
      sound.follow();
    },
  };
  sound = new ViewSound({ session, wall, onProblem });
});

describe('ViewSound', () => {
  it('asks for the sound when it can be heard, and for an end when it no longer is', () => {
    sound.follow();
    expect(asked).not.toHaveBeenCalled();
    wall.isMuted = false;
    sound.follow();
    wall.isMuted = true;
    expect(asked.mock.calls).toEqual([[true], [false]]);
  });

  it('mutes again, and says why, when the device refuses', async () => {
    refusal = new RpcError('rate-limited', 'Too many.');
    wall.isMuted = false;
    await vi.waitFor(() => expect(onProblem).toHaveBeenCalledExactlyOnceWith('No sound: Too many.'));
    expect(wall.isMuted).toBe(true);
  });

  it('has nothing to say when an end is refused', async () => {
    wall.isMuted = false;
    refusal = new RpcError('rate-limited', 'Too many.');
    wall.isMuted = true;
    await Promise.resolve();
    expect([wall.isMuted, onProblem.mock.calls]).toEqual([true, []]);
  });
});
