import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FilterCommandQueue } from '../../../../agent/camera/filter-command-queue.ts';
import { buildCloseCommand, buildPassOneCommand } from '../../../../agent/camera/filter-commands.ts';

let sent: string[];
let isTaken: boolean;
let queue: FilterCommandQueue;

beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  isTaken = true;
  const send = (command: string) => {
    if (isTaken) sent.push(command);
    return isTaken;
  };
  queue = new FilterCommandQueue({ send });
});
afterEach(() => {
  queue.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const close = (gate: string) => buildCloseCommand(gate);
const pass = (gate: string) => buildPassOneCommand(gate);

describe('commands for ffmpeg', () => {
  it('leave at once while none waits, and one in a tenth of a second otherwise', () => {
    for (const gate of ['a', 'b', 'c']) queue.put(close(gate));
    expect(sent).toEqual([close('a')]);
    vi.advanceTimersByTime(100);
    expect(sent).toEqual([close('a'), close('b')]);
    vi.advanceTimersByTime(5_000);
    expect(sent).toHaveLength(3);
    queue.put(close('d'));
    expect(sent).toHaveLength(4);
  });

  it('that are taken back while they wait are never sent, and hold up no other', () => {
    queue.put(close('first'));
    for (let i = 0; i < 500; i += 1) queue.put(i % 2 === 0 ? close('a') : pass('a'));
    queue.put(close('b'));
    vi.advanceTimersByTime(200);
    expect(sent).toEqual([close('first'), pass('a'), close('b')]);
  });

  it('that ffmpeg does not take are tried again', () => {
    isTaken = false;
    queue.put(close('a'));
    vi.advanceTimersByTime(1_000);
    expect(sent).toEqual([]);
    isTaken = true;
    vi.advanceTimersByTime(100);
    expect(sent).toEqual([close('a')]);
  });
});
