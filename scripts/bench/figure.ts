/** One result of the benchmark. */
export interface Figure {
  /** Stable name, for comparing runs: `first-frame.warm`. */
  id: string;
  /** For people. */
  title: string;
  unit: 'ms' | 's' | '%' | 'MB' | 'frames' | 'count' | 'kbit/s';
  /** Null: could not be measured; `note` says why. Infinity: never. */
  value: number | null;
  /** The same, measured in the same run without what makes the difference. */
  baseline?: { what: string; value: number | null };
  /** The value must not be above `max`, or below `min`. */
  target?: { max: number } | { min: number };
  /** What a reader should know beside the number. */
  note?: string;
  /** What the value was made of. */
  samples?: number[];
}

export type Verdict = 'met' | 'missed' | 'not measured' | 'no target';

export function verdictOf({ value, target }: Pick<Figure, 'value' | 'target'>): Verdict {
  if (!target) return 'no target';
  if (value === null || Number.isNaN(value)) return 'not measured';
  const isMet = 'max' in target ? value <= target.max : value >= target.min;
  return isMet ? 'met' : 'missed';
}
