import { describe, expect, it } from 'vitest';
import { nextRunState, type RunEvent, type RunState } from '../../../../agent/ffmpeg/run-state.ts';

const states: RunState[] = ['idle', 'starting', 'live', 'restarting', 'missing', 'stopped'];
const events: RunEvent[] = ['wanted', 'unwanted', 'working', 'failed', 'missing', 'closed'];
const walk = (...steps: RunEvent[]) =>
  steps.reduce<RunState>((state, event) => nextRunState(state, event) ?? state, 'idle');

describe('the states of a run', () => {
  it('is live once it works, and idle when nobody wants it', () => {
    expect(walk('wanted', 'working')).toBe('live');
    for (const event of ['failed', 'missing', 'working'] as const)
      expect(walk('wanted', event, 'unwanted')).toBe('idle');
  });

  it('stays restarting or missing until it works', () => {
    expect(walk('wanted', 'working', 'failed', 'wanted')).toBe('restarting');
    expect(walk('wanted', 'missing', 'failed', 'missing')).toBe('missing');
    expect(walk('wanted', 'missing', 'working')).toBe('live');
  });

  it('takes nothing from a run that nobody wants', () => {
    for (const event of ['unwanted', 'working', 'failed', 'missing'] as const)
      expect(nextRunState('idle', event)).toBeNull();
  });

  it('is stopped from everywhere and for good', () => {
    for (const state of states.filter((state) => state !== 'stopped'))
      expect(nextRunState(state, 'closed')).toBe('stopped');
    for (const event of events) expect(nextRunState('stopped', event)).toBeNull();
  });
});
