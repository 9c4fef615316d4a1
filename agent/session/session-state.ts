/** Where a session stands, in the order of a life without trouble. */
export type SessionState = 'offering' | 'answering' | 'connecting' | 'open' | 'closed';

export type SessionEvent = 'offered' | 'answered' | 'connected' | 'ended';

const transitions: Record<SessionState, Partial<Record<SessionEvent, SessionState>>> = {
  offering: { offered: 'answering', ended: 'closed' },
  answering: { answered: 'connecting', ended: 'closed' },
  connecting: { connected: 'open', ended: 'closed' },
  open: { ended: 'closed' },
  closed: {},
};

/** The state after `event`, or null when the event has no place in this state and must be ignored. */
export function nextSessionState(state: SessionState, event: SessionEvent): SessionState | null {
  return transitions[state][event] ?? null;
}
