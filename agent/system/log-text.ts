/**
 * One event as a line for people: `12:09:34.123 info  camera started  camera=cam0 tookMs=63`. Values that could forge or break
 * a line (spaces, quotes, control characters from a label that a stranger chose) are quoted and escaped.
 *
 * @param json one line as pino writes it
 */
export function buildTextLine(json: string): string {
  const { time, level, msg, error, ...fields } = JSON.parse(json) as Record<string, unknown>;
  const head = `${String(time).slice(11, 23)} ${String(level).padEnd(5)} ${escapeControls(String(msg ?? ''))}`;
  const pairs = Object.entries(fields).map(([key, value]) => `${key}=${textOf(value)}`);
  const tail = error === undefined ? [] : [`error=${textOf(messageOf(error))}`, ...stackOf(error, level)];
  return `${[head, ...pairs, ...tail].join(' ')}\n`;
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
