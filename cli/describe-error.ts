import { BrokerError, type PortOption } from '../broker/broker-error.ts';
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
    const advice = error instanceof BrokerError ? adviseOnPort(error) : '';
    return { message: `${error.message}${advice} [${error.code}]`, code: codeFor(error.code) };
  }
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { message: `This should not have happened, please report it:\n${text}`, code: exitCode.failed };
}

/** The flags of "up" and "broker" for the options of the broker that name a port. */
const portFlags: Record<PortOption, string> = { httpPort: '--port', mqttPort: '--mqtt-port' };

function adviseOnPort({ code, option }: BrokerError): string {
  const flag = new Map(Object.entries(portFlags)).get(option ?? '');
  if (flag === undefined) return '';
  if (code === 'port-in-use') return ` Choose another with ${flag} (0 = any free port).`;
  return code === 'port-forbidden' ? ` Choose one above 1023 with ${flag}.` : '';
}

// Node marks the wrong use of its own functions like this, which is never the fault of whoever sits at the terminal.
function isDefect(code: string): boolean {
  return code.startsWith('ERR_');
}

function codeFor(code: string): ExitCode {
  if (refusals.has(code)) return exitCode.refused;
  return unreachable.has(code) ? exitCode.notReachable : exitCode.failed;
}
