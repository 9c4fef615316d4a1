import {
  type DestinationStream,
  destination,
  levels,
  type Logger as PinoLogger,
  pino,
  stdSerializers,
  stdTimeFunctions,
} from 'pino';
import { buildJournalLine, buildTextLine } from './log-text.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';
/** `text`: one readable line per event; `journal`: the same for journald; `json`: one JSON object per line. */
export type LogFormat = 'text' | 'journal' | 'json';

/** Fields first, then a sentence. An `Error` goes into the field `error`. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  /** A logger that adds these fields to everything it says: `{ sessionId }`, for example. */
  child(fields: Record<string, unknown>): Logger;
}

/** A logger whose least severity can be changed while it runs, for itself and for every child. */
export interface RootLogger extends Logger {
  setLevel(level: LogLevel): void;
}

// A net below the rule that secrets are not logged, for the names that they go by here.
const secretFields = ['password', 'token', 'invite', 'secret', 'credential', 'privateKey'];

const lineBuilders: Record<Exclude<LogFormat, 'json'>, (json: string) => string> = {
  text: buildTextLine,
  journal: buildJournalLine,
};

/** @param output where the lines go; standard error, synchronously, unless a test says otherwise */
export function buildLogger(
  options: { level: LogLevel; format: LogFormat },
  output: DestinationStream = destination({ dest: 2, sync: true }),
): RootLogger {
  const { format } = options;
  const stream = format === 'json' ? output : { write: (line: string) => output.write(lineBuilders[format](line)) };
  let least = severityOf(options.level);
  const logger: PinoLogger = pino(
    {
      // A child of pino keeps the level that its parent had, so what is logged is decided here for all of them.
      level: 'debug',
      hooks: {
        logMethod(args, method, severity) {
          if (severity >= least) method.apply(this, args);
        },
      },
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
      serializers: { error: stdSerializers.err },
      redact: { paths: secretFields.flatMap((name) => [name, `*.${name}`]), censor: '(secret)' },
    },
    stream,
  );
  return Object.assign(logger, {
    setLevel(level: LogLevel) {
      least = severityOf(level);
    },
  });
}

function severityOf(level: LogLevel): number {
  return level === 'silent' ? Number.POSITIVE_INFINITY : (levels.values[level] ?? 0);
}
