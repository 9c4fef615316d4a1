import { redactCredentials } from './redact-credentials.ts';

// What ffmpeg says while it takes commands on stdin. None of it is an error, a reply of -38 included: a command is offered to
// every filter chain, and each chain without its target answers that.
const commandNoise = [/^Enter command: .*$/, /^Command reply for stream -?\d+: ret:.*$/];
const lineMaxLength = 300;

/** @returns the line when it tells of a problem, with passwords removed; null when it is empty or part of the command dialogue */
export function problemIn(stderrLine: string): string | null {
  const line = stderrLine.trim();
  if (line === '' || commandNoise.some((pattern) => pattern.test(line))) return null;
  return redactCredentials(line).slice(0, lineMaxLength);
}
