import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RunSupervisor, type RunTrouble } from '../../../../agent/ffmpeg/run-supervisor.ts';

/** Runs that a test ends by hand; each also ends when its signal is aborted. */
class FakeRuns {
  readonly signals: AbortSignal[] = [];
  end: (end: RunTrouble) => void = () => {};

  readonly run = (signal: AbortSignal) =>
    new Promise<RunTrouble>((resolve) => {
      this.signals.push(signal);
      this.end = resolve;
      signal.addEventListener('abort', () => resolve({ event: 'failed', reason: 'aborted' }));
    });
}

let runs: FakeRuns;
let supervisor: RunSupervisor;
let states: string[];

beforeEach(() => {
  vi.useFakeTimers();
  runs = new FakeRuns();
  supervisor = new RunSupervisor({ run: runs.run, lingerMs: 1000 });
  states = [];
  supervisor.onStatus(({ state, reason }) => states.push(reason === undefined ? state : `${state}: ${reason}`));
});

afterEach(async () => {
  await supervisor.stop();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

const passMs = (ms: number) => vi.advanceTimersByTimeAsync(ms);

describe('RunSupervisor', () => {
  it('runs once for all holders, and a while after the last', async () => {
    const leases = [supervisor.acquire(), supervisor.acquire()];
    await passMs(0);
    supervisor.handleWorking();
    leases[0]?.release();
    leases[0]?.release();
    await passMs(5000);
    expect(supervisor.status.state).toBe('live');
    leases[1]?.release();
    await passMs(999);
    expect(supervisor.status.state).toBe('live');
    await passMs(1);
    expect(states).toEqual(['starting', 'live', 'idle']);
    expect(runs.signals).toHaveLength(1);
    expect(runs.signals[0]?.aborted).toBe(true);
  });

  it('goes on after a run that could not clean up behind itself', async () => {
    let runCount = 0;
    const broken = new RunSupervisor({
      run: async () => {
        runCount += 1;
        throw new Error('EROFS: read-only file system');
      },
      lingerMs: 1000,
    });
    broken.acquire();
    await passMs(300);
    expect(runCount).toBe(2);
    expect(broken.status).toEqual({ state: 'restarting', reason: 'EROFS: read-only file system' });
    await broken.stop();
  });

  it('does not wait for its next try when whoever hears of the failure stops it', async () => {
    supervisor.onStatus(({ state }) => state === 'restarting' && void supervisor.stop());
    supervisor.acquire();
    await passMs(0);
    runs.end({ event: 'failed', reason: 'broken' });
    await passMs(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('goes on when somebody comes back in time', async () => {
    supervisor.acquire().release();
    await passMs(900);
    supervisor.acquire();
    await passMs(5000);
    expect(runs.signals).toHaveLength(1);
    expect(runs.signals[0]?.aborted).toBe(false);
  });

  it('never runs twice at a time', async () => {
    let finishFirst = () => {};
    const begun: number[] = [];
    const slow = new RunSupervisor({
      run: () =>
        new Promise<RunTrouble>((resolve) => {
          begun.push(begun.length);
          finishFirst = () => resolve({ event: 'failed', reason: 'slow to end' });
        }),
      lingerMs: 0,
    });
    slow.acquire().release();
    await passMs(10);
    slow.acquire();
    await passMs(10);
    expect(begun).toHaveLength(1);
    finishFirst();
    await passMs(0);
    expect(begun).toHaveLength(2);
    const stopped = slow.stop();
    finishFirst();
    await stopped;
  });

  it('starts again, slower each time, and says why once', async () => {
    supervisor.acquire();
    for (let attempt = 0; attempt < 6; attempt += 1) {
      await passMs(0);
      runs.end({ event: 'missing', reason: 'unplugged' });
      await passMs(5000);
    }
    expect(runs.signals).toHaveLength(7);
    expect(states).toEqual(['starting', 'missing: unplugged']);
    await passMs(0);
    runs.end({ event: 'missing', reason: 'unplugged' });
    await passMs(2000);
    expect(runs.signals).toHaveLength(7);
  });

  it('starts again at once after a healthy run', async () => {
    supervisor.acquire();
    for (let run = 0; run < 4; run += 1) {
      await passMs(0);
      supervisor.handleWorking();
      await passMs(5000);
      runs.end({ event: 'failed', reason: 'killed' });
      await passMs(200);
      expect(runs.signals).toHaveLength(run + 2);
    }
  });

  it('tells of trouble while a run goes on, in a line that fits on a page', async () => {
    supervisor.acquire();
    await passMs(0);
    supervisor.handleTrouble({ event: 'missing', reason: 'unplugged' });
    supervisor.handleTrouble({ event: 'missing', reason: 'unplugged' });
    supervisor.handleWorking();
    supervisor.handleTrouble({ event: 'failed', reason: 'x'.repeat(500) });
    expect(states).toEqual(['starting', 'missing: unplugged', 'live', `restarting: ${'x'.repeat(200)}`]);
    expect(runs.signals).toHaveLength(1);
  });

  it('is quick to start again when what it had worked with went away, however soon', async () => {
    supervisor.acquire();
    for (let run = 0; run < 4; run += 1) {
      await passMs(0);
      supervisor.handleWorking();
      runs.end({ event: 'missing', reason: 'unplugged' });
      await passMs(200);
      expect(runs.signals).toHaveLength(run + 2);
    }
  });

  it('gives nothing after it was stopped', async () => {
    await supervisor.stop();
    supervisor.acquire().release();
    await passMs(2000);
    expect(runs.signals).toHaveLength(0);
    expect(supervisor.status).toEqual({ state: 'stopped' });
  });

  it('is not well while a run that nobody wants does not end, and well again after that', async () => {
    const stuck: { end: (end: RunTrouble) => void } = { end: () => {} };
    const hanging = new RunSupervisor({
      run: () => new Promise((resolve) => Object.assign(stuck, { end: resolve })),
      lingerMs: 0,
    });
    hanging.acquire().release();
    await passMs(60_000);
    expect(hanging.problem()).toBe('ffmpeg has not ended for 60 s');
    stuck.end({ event: 'failed', reason: 'killed' });
    await passMs(0);
    expect(hanging.problem()).toBeNull();
  });

  it('is well while it runs, waits for what is missing, or does nothing', async () => {
    expect(supervisor.problem()).toBeNull();
    supervisor.acquire();
    await passMs(600_000);
    runs.end({ event: 'missing', reason: 'unplugged' });
    await passMs(600_000);
    expect(supervisor.problem()).toBeNull();
  });
});
