import {
  type DestinationStream,
  destination,
  type Logger as PinoLogger,
  pino,
  stdSerializers,
  stdTimeFunctions,
} from 'pino';
import { buildTextLine } from './log-text.ts';

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const;
export type LogLevel = (typeof logLevels)[number];

/** Fields first, then a sentence. An `Error` goes into the field `error`. */
export interface Logger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
  /** A logger that adds these fields to everything it says: `{ sessionId }`, for example. */
  child(fields: Record<string, unknown>): Logger;
}

// A net below the rule that secrets are not logged, for the names that they go by here.
const secretFields = ['password', 'token', 'invite', 'secret', 'credential', 'privateKey'];

/**
 * @param options.format `text`: one readable line per event; `json`: one JSON object per line
 * @param output where the lines go; standard error, synchronously, unless a test says otherwise
 */
export function buildLogger(
  options: { level: LogLevel; format: 'text' | 'json' },
  output: DestinationStream = destination({ dest: 2, sync: true }),
): Logger {
  const stream = options.format === 'json' ? output : { write: (line: string) => output.write(buildTextLine(line)) };
  const logger: PinoLogger = pino(
    {
      level: options.level,
      base: null,
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
      serializers: { error: stdSerializers.err },
      redact: { paths: secretFields.flatMap((name) => [name, `*.${name}`]), censor: '(secret)' },
    },
    stream,
  );
  return logger;
}
