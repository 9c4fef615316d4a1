import { setTimeout as sleep } from 'node:timers/promises';
import type { ViewerPage } from '../helpers/e2e/browser.ts';
import { waitFor } from '../helpers/e2e/command.ts';

/** A row through the moving colour bars, below what the virtual camera writes over its picture. */
const bars = { x: 0, y: 0.6, width: 1, height: 0.1 };
const columns = 48;
const intervalMs = 120;
/** More than encoding alone changes in a picture that stands still. */
const changeMin = 60;
/** A picture that has not changed for so long stands still: 10 pictures would have come. */
const stillMs = 2_000;
/** So many changes within so long are a picture that moves, not the rest of one. */
const moving = { changes: 5, withinMs: 4_000 };

/** Looks at the picture of a page all the time and remembers when it changed. */
export class PictureWatch {
  private readonly viewer: ViewerPage;
  private readonly changedAtMs: number[] = [];
  private isOver = false;
  private looking: Promise<void> = Promise.resolve();

  constructor(viewer: ViewerPage) {
    this.viewer = viewer;
  }

  start(): void {
    this.looking = this.look();
  }

  async stop(): Promise<void> {
    this.isOver = true;
    await this.looking;
  }

  /** Waits for a picture that moves. @returns when it began to, after this moment */
  untilMoving(sinceMs: number, timeoutMs: number): Promise<number> {
    return this.wait(() => firstMoving(this.changesSince(sinceMs)), timeoutMs, 'no moving picture');
  }

  /** Waits for the picture to stand still after a fault. @returns when it did */
  untilStill(faultAtMs: number, timeoutMs: number): Promise<number> {
    return this.wait(
      () => {
        const last = Math.max(faultAtMs, this.changedAtMs.at(-1) ?? 0);
        return Date.now() - last >= stillMs ? last : undefined;
      },
      timeoutMs,
      'the picture goes on',
    );
  }

  /** Waits for the picture to stand still, and then to move again. @returns how long after the fault it did, in ms */
  async untilBack(faultAtMs: number, timeoutMs: number): Promise<number> {
    await this.untilStill(faultAtMs, timeoutMs);
    return (await this.untilMoving(Date.now() - 100, timeoutMs)) - faultAtMs;
  }

  /** The longest time without a change since this moment, in ms. */
  longestPauseMs(sinceMs: number): number {
    const moments = [sinceMs, ...this.changesSince(sinceMs), Date.now()];
    return Math.max(...moments.slice(1).map((moment, index) => moment - (moments[index] ?? moment)));
  }

  private changesSince(sinceMs: number): number[] {
    return this.changedAtMs.filter((moment) => moment >= sinceMs);
  }

  private async look(): Promise<void> {
    let last: number[] | null = null;
    while (!this.isOver) {
      const row = await this.viewer.pixels(bars, columns).catch(() => null);
      if (row && last && differs(row, last)) this.changedAtMs.push(Date.now());
      last = row ?? last;
      await sleep(intervalMs);
    }
  }

  private wait(moment: () => number | undefined, timeoutMs: number, problem: string): Promise<number> {
    return waitFor(moment, timeoutMs, async () => `${problem}; the page says "${await this.viewer.stateLine()}"`);
  }
}

function differs(row: readonly number[], other: readonly number[]): boolean {
  return row.some((value, index) => Math.abs(value - (other[index] ?? 0)) >= changeMin);
}

function firstMoving(changes: readonly number[]): number | undefined {
  return changes.find((from, index) => {
    const enough = changes[index + moving.changes - 1];
    return enough !== undefined && enough - from <= moving.withinMs;
  });
}
