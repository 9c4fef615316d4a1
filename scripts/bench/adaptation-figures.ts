import type { Figure } from './figure.ts';
import type { PictureFlow } from './picture-flow.ts';

/** What a session met when the capacity of its path went down and up again. */
export interface Course {
  /** Whether the picture had its full size before the step down. */
  beganAtFullSize: boolean;
  down: PictureFlow;
  /** In the queue in front of the bottleneck, after the step down. */
  worstQueueDelayMs: number;
  /** From the step down until the queue delay is below the bound for good; null: never. */
  settledMs: number | null;
  /** From the step up until the picture has its full size again; null: never, or never left. */
  restoredMs: number | null;
  narrowestPx: number;
}

/** The queue has settled once it stays below this. */
export const queueDelayMaxMs = 200;

/** @param pinned at the same time, of a viewer who has pinned the full size; no baseline where it did not have that to begin with */
export function buildAdaptationFigures(ours: Course, pinned: Course): Figure[] {
  // Also where the viewer has pinned the size, the device leaves it for single pictures when the path is far too narrow.
  const what = 'pinned to full size, else single pictures';
  const baseline = (value: number) => ({ what, value: pinned.beganAtFullSize ? value : null });
  return [
    {
      id: 'adaptation.gap',
      title: 'longest pause of the picture after the step down',
      unit: 'ms',
      value: ours.down.longestGapMs,
      baseline: baseline(pinned.down.longestGapMs),
      target: { max: 1_000 },
      note: pinned.beganAtFullSize
        ? `smallest picture ${ours.narrowestPx} pixels wide, baseline ${pinned.narrowestPx}`
        : 'the baseline was not measured: its picture did not have its full size before the step down',
    },
    {
      id: 'adaptation.settled',
      title: `queue delay below ${queueDelayMaxMs} ms after the step down, for good`,
      unit: 'ms',
      value: ours.settledMs ?? Number.POSITIVE_INFINITY,
      baseline: baseline(pinned.settledMs ?? Number.POSITIVE_INFINITY),
      target: { max: 4_000 },
    },
    {
      id: 'adaptation.queue',
      title: 'worst queue delay after the step down',
      unit: 'ms',
      value: ours.worstQueueDelayMs,
      baseline: baseline(pinned.worstQueueDelayMs),
    },
    {
      id: 'adaptation.frozen',
      title: 'time in pauses of 200 ms and more after the step down',
      unit: 'ms',
      value: ours.down.frozenMs,
      baseline: baseline(pinned.down.frozenMs),
    },
    {
      id: 'adaptation.restored',
      title: 'full size again after the step up',
      unit: 'ms',
      value: ours.restoredMs,
      ...(ours.restoredMs === null && { note: 'the picture did not leave its full size, or did not come back' }),
    },
  ];
}
