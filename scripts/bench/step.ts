import type { Figure } from './figure.ts';
import type { Started } from './started.ts';

/** One part of the benchmark. It ends what it starts through `started`. */
export interface Step {
  name: string;
  deadlineMs: { full: number; quick: number };
  run(context: StepContext): Promise<Figure[]>;
}

export interface StepContext {
  started: Started;
  /** Fewer repeats and shorter measurements. */
  isQuick: boolean;
  /** Progress, for whoever waits. */
  say(line: string): void;
}
