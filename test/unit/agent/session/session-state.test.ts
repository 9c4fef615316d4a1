import { expect, it } from 'vitest';
import { nextSessionState, type SessionEvent, type SessionState } from '../../../../agent/session/session-state.ts';

const states: SessionState[] = ['offering', 'answering', 'connecting', 'open', 'closed'];
const events: SessionEvent[] = ['offered', 'answered', 'connected', 'ended'];

const table: Record<SessionState, (SessionState | null)[]> = {
  //           offered      answered      connected  ended
  offering: ['answering', null, null, 'closed'],
  answering: [null, 'connecting', null, 'closed'],
  connecting: [null, null, 'open', 'closed'],
  open: [null, null, null, 'closed'],
  closed: [null, null, null, null],
};

it.each(states.flatMap((state) => events.map((event, at) => [state, event, table[state][at] ?? null] as const)))(
  'goes from %s by %s to %s',
  (state, event, next) => {
    expect(nextSessionState(state, event)).toBe(next);
  },
);
