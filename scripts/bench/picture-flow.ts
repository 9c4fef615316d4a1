/** How evenly pictures came, judged by the moments at which a page saw them. */
export interface PictureFlow {
  frames: number;
  /** Longest time without a new picture, in ms, the begin and the end of the watch included. */
  longestGapMs: number;
  /** Time in pauses of 200 ms and more, in ms. */
  frozenMs: number;
  /** Such pauses. */
  freezes: number;
}

/** Five missing pictures at 25 a second: what everybody sees. */
const freezeMinMs = 200;

/** @param seenAtMs moments in order, all between `fromMs` and `untilMs` */
export function judgeFlow(seenAtMs: readonly number[], fromMs: number, untilMs: number): PictureFlow {
  const moments = [fromMs, ...seenAtMs.filter((atMs) => atMs >= fromMs && atMs <= untilMs), untilMs];
  const gapsMs = moments.slice(1).map((atMs, index) => atMs - (moments[index] ?? atMs));
  const freezes = gapsMs.filter((gapMs) => gapMs >= freezeMinMs);
  return {
    frames: moments.length - 2,
    longestGapMs: Math.max(...gapsMs),
    frozenMs: freezes.reduce((sum, gapMs) => sum + gapMs, 0),
    freezes: freezes.length,
  };
}
