/**
 * One event as a line for people: `12:09:34.123 info  camera started  camera=cam0 tookMs=63`. Values that could forge or break
 * a line (spaces, quotes, control characters from a label that a stranger chose) are quoted and escaped.
 *
 * @param json one line as pino writes it
 */
export function buildTextLine(json: string): string {
  const { time, level, ...event } = JSON.parse(json) as LogEvent;
  return `${String(time).slice(11, 23)} ${String(level).padEnd(5)} ${describeEvent(event, level)}\n`;
}

/**
 * One event as a line for the journal, which keeps time and severity itself: `<6>camera started camera=cam0`, with the
 * priority of syslog in front (sd-daemon(3)).
 *
 * @param json one line as pino writes it
 */
export function buildJournalLine(json: string): string {
  const { time: _, level, ...event } = JSON.parse(json) as LogEvent;
  return `<${priorities.get(level) ?? 6}>${describeEvent(event, level)}\n`;
}

type LogEvent = Record<string, unknown>;

/** RFC 5424 6.2.1. */
const priorities: ReadonlyMap<unknown, number> = new Map([
  ['debug', 7],
  ['info', 6],
  ['warn', 4],
  ['error', 3],
]);

function describeEvent({ msg, error, ...fields }: LogEvent, level: unknown): string {
  const pairs = Object.entries(fields).map(([key, value]) => `${key}=${textOf(value)}`);
  const tail = error === undefined ? [] : [`error=${textOf(messageOf(error))}`, ...stackOf(error, level)];
  return [escapeControls(String(msg ?? '')), ...pairs, ...tail].join(' ');
}

function textOf(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  return /^[\w.:/@+,-]+$/.test(value) ? value : JSON.stringify(value);
}

function messageOf(error: unknown): unknown {
  return isErrorObject(error) ? error.message : error;
}

// Only what is logged as an error is a defect whose place matters; elsewhere the message says it all.
function stackOf(error: unknown, level: unknown): string[] {
  return level === 'error' && isErrorObject(error) && error.stack ? [`stack=${JSON.stringify(error.stack)}`] : [];
}

function isErrorObject(error: unknown): error is { message: string; stack?: string } {
  return typeof error === 'object' && error !== null && 'message' in error && typeof error.message === 'string';
}

function escapeControls(text: string): string {
  return /\p{Cc}/u.test(text) ? JSON.stringify(text).slice(1, -1) : text;
}
