import type { AccessUnit } from './access-unit.ts';
import { ticksOf } from './media-clock.ts';

/** How far the source's own clock may fall behind the arrival of its pictures before it is taken for a new one. */
const lagMaxTicks = ticksOf(1_000);

/**
 * Maps the presentation times of a source, which start again with every encoder and may run fast or slow, onto the
 * monotonic clock of this process in ticks of 1/90000 s. All renditions and lines share that timeline, so a viewer
 * can be moved from one to the other, and the capture time in sender reports is the timeline itself.
 *
 * Distances between pictures are those of the source. Two corrections keep the timeline near the clock: a picture
 * cannot be from the future, so its arrival is an upper bound (this finds the least delayed picture after a burst),
 * and one that lags by more than a second, or goes back, starts the timeline anew at its arrival.
 */
export class MediaTimeline {
  private lastPtsTicks = 0;
  private lastTicks: number | null = null;

  /** The time of the unit in ticks of the monotonic clock; always greater than that of the unit before. */
  place(unit: Pick<AccessUnit, 'ptsTicks90k' | 'arrivedAtMs'>): number {
    const arrivedTicks = ticksOf(unit.arrivedAtMs);
    const ticks =
      this.lastTicks === null ? arrivedTicks : this.continueFrom(this.lastTicks, unit.ptsTicks90k, arrivedTicks);
    this.lastPtsTicks = unit.ptsTicks90k;
    this.lastTicks = ticks;
    return ticks;
  }

  private continueFrom(lastTicks: number, ptsTicks: number, arrivedTicks: number): number {
    const byPts = lastTicks + (ptsTicks - this.lastPtsTicks);
    const isContinuous = byPts > lastTicks && arrivedTicks - byPts <= lagMaxTicks;
    return Math.max(lastTicks + 1, isContinuous ? Math.min(byPts, arrivedTicks) : arrivedTicks);
  }
}
