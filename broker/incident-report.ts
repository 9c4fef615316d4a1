import type { Logger } from './logger.ts';

/** What a client can do wrong, or suffer. */
export type Incident =
  | 'dropped'
  | 'flood'
  | 'oversize'
  | 'malformed'
  | 'slow-client'
  | 'too-many-clients'
  | 'login-refused'
  | 'publish-refused'
  | 'subscribe-refused';

const reportIntervalMs = 1_000;

/** Counts incidents and logs their numbers at most once a second, so that an attack cannot fill the log. */
export class IncidentReport {
  private readonly logger: Logger;
  private readonly totals = new Map<Incident, number>();
  private readonly unreported = new Map<Incident, number>();
  private timer: NodeJS.Timeout | null = null;

  constructor(logger: Logger) {
    this.logger = logger;
  }

  count(incident: Incident, times = 1): void {
    increase(this.totals, incident, times);
    increase(this.unreported, incident, times);
    this.timer ??= setTimeout(() => this.report(), reportIntervalMs).unref();
  }

  /** How often it happened since the start. */
  total(incident: Incident): number {
    return this.totals.get(incident) ?? 0;
  }

  /** Logs what is left and leaves no timer behind. */
  close(): void {
    if (this.timer !== null) this.report();
  }

  private report(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    this.logger.warn(Object.fromEntries(this.unreported), 'clients were refused or limited');
    this.unreported.clear();
  }
}

function increase(counts: Map<Incident, number>, incident: Incident, times: number): void {
  counts.set(incident, (counts.get(incident) ?? 0) + times);
}
