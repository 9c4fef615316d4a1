import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ServiceNotifier } from '../../../../agent/system/service-notifier.ts';
import { FakeLogger } from '../../../fakes/support-logger.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function bench(options: { watchdogMs?: number; answer?: string | null } = {}) {
  const told: string[][] = [];
  const state = { status: 'Online, no viewers', problem: null as string | null, lateMs: 0, cpuShare: 1 };
  const logger = new FakeLogger();
  const notifier = new ServiceNotifier({
    sink: {
      send: async (assignments) => {
        told.push([...assignments]);
        return options.answer ?? null;
      },
    },
    watchdogMs: options.watchdogMs,
    checks: [{ problem: () => state.problem }],
    describe: () => state.status,
    nowMs: () => performance.now() + state.lateMs,
    cpuMs: () => (performance.now() + state.lateMs) * state.cpuShare,
    logger,
  });
  const signs = () => told.flat().filter((assignment) => assignment === 'WATCHDOG=1').length;
  return { notifier, told, state, logger, signs };
}

describe('ServiceNotifier', () => {
  it('says that the daemon serves, how it is, and that it ends', () => {
    const { notifier, told, state } = bench();
    notifier.start();
    expect(told).toEqual([['READY=1', 'STATUS=Online, no viewers']]);
    state.status = 'Online, 2 viewers\nREADY=0';
    vi.advanceTimersByTime(5_000);
    expect(told.slice(1)).toEqual([['STATUS=Online, 2 viewers READY=0']]);
    notifier.stop();
    notifier.stop();
    expect(told.slice(2)).toEqual([['STOPPING=1', 'STATUS=Stopping']]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('says nothing at all before the daemon has started', () => {
    const { notifier, told } = bench({ watchdogMs: 30_000 });
    notifier.stop();
    vi.advanceTimersByTime(60_000);
    expect(told).toEqual([]);
  });

  it('feeds the watchdog three times within its time, and not where there is none', () => {
    const watched = bench({ watchdogMs: 30_000 });
    watched.notifier.start();
    vi.advanceTimersByTime(30_000);
    expect(watched.signs()).toBe(4);
    const unwatched = bench();
    unwatched.notifier.start();
    vi.advanceTimersByTime(30_000);
    expect(unwatched.signs()).toBe(0);
  });

  it('lets the watchdog starve while a part is not well, says why, and feeds it again after that', () => {
    const { notifier, told, state, logger, signs } = bench({ watchdogMs: 30_000 });
    notifier.start();
    state.problem = 'signaling has been stuck for 95 s';
    vi.advanceTimersByTime(25_000);
    expect(signs()).toBe(1);
    expect(told.at(-1)).toEqual(['STATUS=Not well: signaling has been stuck for 95 s']);
    expect(logger.events.map(({ level, fields }) => [level, fields.problem])).toEqual([
      ['warn', 'signaling has been stuck for 95 s'],
    ]);
    state.problem = null;
    vi.advanceTimersByTime(10_000);
    expect(signs()).toBe(2);
    expect(logger.events.at(-1)).toMatchObject({ level: 'info', message: 'well again' });
  });

  it('lets the watchdog starve while the event loop is always late, but not for one long block', () => {
    const { notifier, state, signs } = bench({ watchdogMs: 30_000 });
    notifier.start();
    vi.advanceTimersByTime(5_000);
    state.lateMs += 8_000;
    vi.advanceTimersByTime(5_000);
    expect(signs()).toBe(2);
    const lateness = setInterval(() => {
      state.lateMs += 1_500;
    }, 1_000);
    vi.advanceTimersByTime(20_000);
    clearInterval(lateness);
    expect(signs()).toBe(3);
    vi.advanceTimersByTime(10_000);
    expect(signs()).toBe(4);
  });

  it('feeds the watchdog where the event loop is late because other programs have the processor', () => {
    const { notifier, state, signs } = bench({ watchdogMs: 30_000 });
    state.cpuShare = 0.4;
    notifier.start();
    const lateness = setInterval(() => {
      state.lateMs += 3_000;
    }, 1_000);
    vi.advanceTimersByTime(30_000);
    clearInterval(lateness);
    expect(signs()).toBe(4);
  });

  it('frames a reload, however it ends', async () => {
    const { notifier, told } = bench();
    notifier.start();
    await notifier.reload(async () => void told.push(['reload']));
    expect(told.slice(1)).toEqual([['RELOADING=1'], ['reload'], ['READY=1', 'STATUS=Online, no viewers']]);
    await expect(notifier.reload(() => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(told.at(-1)).toContain('READY=1');
  });

  it('warns once where nobody hears it', async () => {
    const { notifier, logger } = bench({ watchdogMs: 3_000, answer: 'spawn systemd-notify ENOENT' });
    notifier.start();
    await vi.advanceTimersByTimeAsync(10_000);
    expect(logger.events.map(({ level }) => level)).toEqual(['warn']);
  });
});
