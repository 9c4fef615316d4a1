import { describe, expect, it } from 'vitest';
import { checkService } from '../../../../agent/doctor/check-service.ts';

const healthy = {
  LoadState: 'loaded',
  ActiveState: 'active',
  SubState: 'running',
  UnitFileState: 'enabled',
  NRestarts: '0',
  Result: 'success',
};

function checkWith(state: Partial<typeof healthy>, code: number | null = 0) {
  const stdout = Object.entries({ ...healthy, ...state })
    .map((entry) => entry.join('='))
    .join('\n');
  return checkService(async () => ({ code, stdout, isMissing: code === null, isTimedOut: false }));
}

describe('the service', () => {
  it.each([
    { what: 'runs', state: {}, level: 'ok', says: 'starts with the machine' },
    {
      what: 'is not installed',
      state: { LoadState: 'not-found', ActiveState: 'inactive' },
      level: 'skipped',
      says: 'not installed',
    },
    { what: 'has failed', state: { ActiveState: 'failed', Result: 'watchdog' }, level: 'failure', says: '(watchdog)' },
    {
      what: 'comes and goes',
      state: { ActiveState: 'activating', SubState: 'auto-restart' },
      level: 'failure',
      says: 'again',
    },
    {
      what: 'is just being tried again',
      state: { ActiveState: 'activating', SubState: 'start', NRestarts: '2' },
      level: 'failure',
      says: 'again',
    },
    {
      what: 'has no settings yet',
      state: { ActiveState: 'inactive', SubState: 'dead', Result: 'exec-condition' },
      level: 'warning',
      says: 'waits for its settings',
    },
    {
      what: 'is stopped',
      state: { ActiveState: 'inactive', SubState: 'dead' },
      level: 'warning',
      says: 'does not run',
    },
    { what: 'is not enabled', state: { UnitFileState: 'disabled' }, level: 'warning', says: 'will not start' },
    { what: 'was restarted often', state: { NRestarts: '12' }, level: 'warning', says: '12 times' },
  ])('$what', async ({ state, level, says }) => {
    const finding = await checkWith(state);
    expect(finding).toMatchObject({ check: 'service', level, message: expect.stringContaining(says) });
    expect(finding.advice === undefined).toBe(level === 'ok' || level === 'skipped');
  });

  it.each([null, 1])('is not asked for on a machine without systemd (exit code %s)', async (code) => {
    expect(await checkWith({}, code)).toMatchObject({ check: 'service', level: 'skipped' });
  });
});
