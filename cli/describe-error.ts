import { SessionError } from '../protocol/errors.ts';
import { RpcError } from '../protocol/rpc.ts';
import { CliError, type ExitCode, exitCode } from './exit-code.ts';

const refusals = new Set(['unauthorised', 'invite-invalid', 'revoked', 'forbidden', 'busy']);
const unreachable = new Set([
  'broker-unreachable',
  'broker-refused',
  'device-offline',
  'device-silent',
  'connect-timeout',
]);

/** Any error as a line for the terminal and an exit code. An unexpected one keeps its stack, for the bug report. */
export function describeError(error: unknown): { message: string; code: ExitCode } {
  if (error instanceof CliError) return { message: error.message, code: error.exitCode };
  if (error instanceof SessionError) return { message: `${error.message} [${error.code}]`, code: codeFor(error.code) };
  if (error instanceof RpcError) return { message: `${error.message} [${error.code}]`, code: codeFor(error.code) };
  // Errors of the agent and the broker carry a code and a sentence that says what to do.
  const isNamed = error instanceof Error && typeof (error as { code?: unknown }).code === 'string';
  if (isNamed)
    return { message: `${error.message} [${(error as Error & { code: string }).code}]`, code: exitCode.failed };
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { message: `This should not have happened, please report it:\n${text}`, code: exitCode.failed };
}

function codeFor(code: string): ExitCode {
  if (refusals.has(code)) return exitCode.refused;
  return unreachable.has(code) ? exitCode.notReachable : exitCode.failed;
}
