/** How bad it is. `skipped`: not looked at, because something else must be put right first or is not wanted here. */
export type FindingLevel = 'ok' | 'warning' | 'failure' | 'skipped';

/** What a check found out about one thing. Nothing in it is secret: people paste it into bug reports. */
export interface Finding {
  /** Which check, in kebab-case. Stable, for scripts; several cameras or servers share one. */
  check: string;
  level: FindingLevel;
  /** One sentence that says how it is. */
  message: string;
  /** One sentence that says what to do next; with every warning and failure. */
  advice?: string;
  /** Facts for scripts: versions, addresses, figures with their unit in the name. */
  details?: Record<string, unknown>;
}

type Details = Record<string, unknown>;

export function ok(check: string, message: string, details?: Details): Finding {
  return { check, level: 'ok', message, ...(details && { details }) };
}

export function warning(check: string, message: string, advice: string, details?: Details): Finding {
  return { check, level: 'warning', message, advice, ...(details && { details }) };
}

export function failed(check: string, message: string, advice: string, details?: Details): Finding {
  return { check, level: 'failure', message, advice, ...(details && { details }) };
}

/** @param reason why it was not looked at, as a sentence */
export function skipped(check: string, reason: string): Finding {
  return { check, level: 'skipped', message: reason };
}
