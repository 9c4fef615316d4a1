import { CliError, type ExitCode, exitCode } from './exit-code.ts';

const refusals = new Set(['unauthorised', 'invite-invalid', 'revoked', 'forbidden', 'busy']);
const unreachable = new Set([
  'broker-unreachable',
  'broker-refused',
  'device-offline',
  'device-silent',
  'connect-timeout',
  'not-running',
]);

/** Any error as a line for the terminal and an exit code. An unexpected one keeps its stack, for the bug report. */
export function describeError(error: unknown): { message: string; code: ExitCode } {
  if (error instanceof CliError) return { message: error.message, code: error.exitCode };
  // All errors that we foresee carry a code and a sentence that says what to do, and those of the system nearly so.
  if (error instanceof Error && 'code' in error && typeof error.code === 'string' && !isDefect(error.code)) {
    return { message: `${error.message} [${error.code}]`, code: codeFor(error.code) };
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { message: `This should not have happened, please report it:\n${text}`, code: exitCode.failed };
}

// Node marks the wrong use of its own functions like this, which is never the fault of whoever sits at the terminal.
function isDefect(code: string): boolean {
  return code.startsWith('ERR_');
}

function codeFor(code: string): ExitCode {
  if (refusals.has(code)) return exitCode.refused;
  return unreachable.has(code) ? exitCode.notReachable : exitCode.failed;
}
