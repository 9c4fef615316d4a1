import { EventLoopCheck } from './event-loop-check.ts';
import type { HealthCheck } from './health-check.ts';

/** The way to the service manager: assignments of sd_notify(3), such as `READY=1`. Never rejects. */
export interface NotifySink {
  send(assignments: readonly string[]): Promise<string | null>;
}

export interface ServiceNotifierOptions {
  sink: NotifySink;
  /** After this long without a sign of life the service manager restarts the service, in milliseconds; none without. */
  watchdogMs?: number;
  /** What must be well beside the event loop for the watchdog to be fed. */
  checks: readonly HealthCheck[];
  /** The state of the daemon in a line, for `systemctl status`. Asked once a second. */
  describe(): string;
  nowMs(): number;
  /** Processor time that this process has had, in milliseconds. */
  cpuMs(): number;
  logger: { warn(fields: object, message: string): void; info(fields: object, message: string): void };
}

const statusIntervalMs = 1_000;
/** So that a late or lost one does no harm. */
const signsPerWatchdog = 3;

/**
 * Tells the service manager how the daemon is. The watchdog is fed while every check is well: a daemon that runs and serves
 * nobody is restarted like one that has ended.
 */
export class ServiceNotifier {
  private readonly options: ServiceNotifierOptions;
  private readonly eventLoop = new EventLoopCheck({ intervalMs: statusIntervalMs });
  private statusTimer: NodeJS.Timeout | null = null;
  private watchdogTimer: NodeJS.Timeout | null = null;
  private toldStatus = '';
  private toldProblem: string | null = null;
  private wasHeard = true;

  constructor(options: ServiceNotifierOptions) {
    this.options = options;
  }

  /** The daemon serves; from here on the watchdog is fed. */
  start(): void {
    const { watchdogMs } = this.options;
    this.tell('READY=1', this.statusAssignment());
    this.statusTimer = setInterval(() => this.handleTick(), statusIntervalMs);
    if (watchdogMs === undefined) return;
    this.feedWatchdog();
    this.watchdogTimer = setInterval(() => this.feedWatchdog(), watchdogMs / signsPerWatchdog);
  }

  /** Runs `reload` and tells the service manager of begin and end. */
  async reload(reload: () => Promise<void>): Promise<void> {
    this.tell('RELOADING=1');
    try {
      await reload();
    } finally {
      this.tell('READY=1', this.statusAssignment());
    }
  }

  /** The daemon begins to end. Idempotent. */
  stop(): void {
    if (this.statusTimer === null) return;
    clearInterval(this.statusTimer);
    if (this.watchdogTimer) clearInterval(this.watchdogTimer);
    this.statusTimer = null;
    this.watchdogTimer = null;
    this.tell('STOPPING=1', 'STATUS=Stopping');
  }

  private feedWatchdog(): void {
    const { checks, logger } = this.options;
    // Each is asked, since some measure from one question to the next.
    const problems = [this.eventLoop, ...checks].map((check) => check.problem());
    const problem = problems.find((found) => found !== null) ?? null;
    if (problem === null) this.tell('WATCHDOG=1');
    else if (this.toldProblem === null)
      logger.warn({ problem }, 'not well: the service manager will restart the agent');
    if (problem === null && this.toldProblem !== null) logger.info({}, 'well again');
    this.toldProblem = problem;
  }

  private handleTick(): void {
    this.eventLoop.handleTick(this.options.nowMs(), this.options.cpuMs());
    const before = this.toldStatus;
    const assignment = this.statusAssignment();
    if (this.toldStatus !== before) this.tell(assignment);
  }

  private statusAssignment(): string {
    this.toldStatus = this.toldProblem === null ? this.options.describe() : `Not well: ${this.toldProblem}`;
    return `STATUS=${this.toldStatus.replaceAll('\n', ' ')}`;
  }

  private tell(...assignments: string[]): void {
    void this.options.sink.send(assignments).then((problem) => {
      if (problem !== null && this.wasHeard) {
        this.options.logger.warn({ problem }, 'the service manager does not hear of the state of the agent');
      }
      this.wasHeard = problem === null;
    });
  }
}
