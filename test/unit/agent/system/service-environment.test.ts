import { describe, expect, it } from 'vitest';
import { readServiceEnvironment } from '../../../../agent/system/service-environment.ts';

describe('readServiceEnvironment', () => {
  it('reads what systemd has set', () => {
    const env = { NOTIFY_SOCKET: '/run/systemd/notify', WATCHDOG_USEC: '30000000', WATCHDOG_PID: '42' };
    expect(readServiceEnvironment(env, 42)).toEqual({ notifySocket: '/run/systemd/notify', watchdogMs: 30_000 });
  });

  it('takes no watchdog that is meant for another process, or is none', () => {
    expect(readServiceEnvironment({ WATCHDOG_USEC: '30000000', WATCHDOG_PID: '41' }, 42).watchdogMs).toBeUndefined();
    expect(readServiceEnvironment({ WATCHDOG_USEC: '0' }, 42).watchdogMs).toBeUndefined();
    expect(readServiceEnvironment({ WATCHDOG_USEC: 'soon' }, 42).watchdogMs).toBeUndefined();
  });

  it('finds nothing where systemd has started nothing', () => {
    expect(readServiceEnvironment({ NOTIFY_SOCKET: '' }, 42)).toEqual({});
  });
});
