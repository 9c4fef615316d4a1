/** A pure retry policy: how long to wait before attempt `attempt` (0 for the first retry), or null to give up. */
export type Backoff = (attempt: number) => number | null;

/**
 * Waits double from `initialMs` up to `maxMs`, for ever. Each is shortened by up to half at random, so that a fleet cut off
 * together does not come back together.
 */
export function exponentialBackoff(
  options: { initialMs: number; maxMs: number },
  random: () => number = Math.random,
): Backoff {
  return (attempt) => {
    const fullMs = Math.min(options.maxMs, options.initialMs * 2 ** Math.min(attempt, 30));
    return Math.round(fullMs * (1 - random() / 2));
  };
}

/** Walks through `stepsMs`, then repeats the last for ever, with the same jitter. */
export function steppedBackoff(stepsMs: readonly number[], random: () => number = Math.random): Backoff {
  return (attempt) => {
    const fullMs = stepsMs[Math.min(attempt, stepsMs.length - 1)] ?? 0;
    return Math.round(fullMs * (1 - random() / 2));
  };
}
