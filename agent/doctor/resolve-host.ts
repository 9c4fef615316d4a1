import { isIP } from 'node:net';
import { failure, type Result, success } from '../../protocol/result.ts';
import { runProgram } from './run-program.ts';

export type ResolveFault = 'unknown' | 'silent';

/**
 * Looks a name up as every program of this system does (hosts file, mDNS, DNS), in a process of its own: Node's own look-up cannot be
 * given up, and with a resolver that does not answer it would hold up even the end of this process, by 10 s a name.
 *
 * @returns the addresses, at least one
 */
export async function resolveHost(host: string, timeoutMs: number): Promise<Result<string[], ResolveFault>> {
  if (isIP(host) !== 0) return success([host]);
  const run = await runProgram('getent', ['ahosts', host], timeoutMs);
  if (run.isTimedOut) return failure('silent');
  const addresses = new Set(run.stdout.split('\n').flatMap((line) => line.split(/\s+/)[0] || []));
  return addresses.size > 0 ? success([...addresses]) : failure('unknown');
}

/** One sentence. */
export function describeUnresolved(host: string, fault: ResolveFault): string {
  return fault === 'unknown'
    ? `No computer of the name ${host} is known.`
    : `The name server does not answer, so ${host} cannot be found.`;
}
