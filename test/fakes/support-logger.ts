interface LogEvent {
  level: 'debug' | 'info' | 'warn' | 'error';
  fields: Record<string, unknown>;
  message: string;
}

/** Keeps what is logged. */
export class FakeLogger {
  readonly events: LogEvent[] = [];

  debug = this.recorderFor('debug');
  info = this.recorderFor('info');
  warn = this.recorderFor('warn');
  error = this.recorderFor('error');

  child(): FakeLogger {
    return this;
  }

  private recorderFor(level: LogEvent['level']) {
    return (fields: object, message: string) => {
      this.events.push({ level, fields: fields as Record<string, unknown>, message });
    };
  }
}
