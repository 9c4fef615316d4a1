/**
 * - `idle`: nobody wants it, ffmpeg does not run
 * - `starting`: it has done nothing yet
 * - `live`: it does what it is for
 * - `restarting`: ffmpeg ended or went silent, and is started again
 * - `missing`: what it reads from or writes to is not there; it is tried again for ever
 * - `stopped`: for good
 */
export type RunState = 'idle' | 'starting' | 'live' | 'restarting' | 'missing' | 'stopped';

export type RunEvent = 'wanted' | 'unwanted' | 'working' | 'failed' | 'missing' | 'closed';

const whileWanted = { failed: 'restarting', missing: 'missing', unwanted: 'idle', closed: 'stopped' } as const;

const transitions: Record<RunState, Partial<Record<RunEvent, RunState>>> = {
  idle: { wanted: 'starting', closed: 'stopped' },
  starting: { working: 'live', ...whileWanted },
  live: whileWanted,
  restarting: { working: 'live', ...whileWanted },
  missing: { working: 'live', ...whileWanted },
  stopped: {},
};

/** @returns the state after the event, or null where the event has no meaning */
export function nextRunState(state: RunState, event: RunEvent): RunState | null {
  return transitions[state][event] ?? null;
}
