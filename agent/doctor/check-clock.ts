import { type Finding, failed, ok, warning } from './finding.ts';
import { runProgram } from './run-program.ts';

const timeoutMs = 2_000;
/** Older than this program: a clock before it has not been set since the device was switched on. */
const earliestYear = 2025;
const latestYear = 2100;

/** @param options.readIsSynchronised null where the system does not tell */
export async function checkClock(options: {
  wallClockMs: number;
  readIsSynchronised?: () => Promise<boolean | null>;
}): Promise<Finding> {
  const { wallClockMs, readIsSynchronised = askTimedatectl } = options;
  const now = new Date(wallClockMs);
  const year = now.getUTCFullYear();
  const advice = 'Run "sudo timedatectl set-ntp true", and let UDP port 123 out.';
  if (year < earliestYear || year > latestYear) {
    return failed(
      'clock',
      `The clock says ${now.toISOString().slice(0, 10)}: certificates and TURN will fail.`,
      advice,
      {
        year,
      },
    );
  }
  const isSynchronised = await readIsSynchronised();
  if (isSynchronised === null) return ok('clock', 'The clock looks right; the system does not tell who sets it.');
  return isSynchronised
    ? ok('clock', 'The clock is set by the network.')
    : warning('clock', 'The clock is not set by the network, and may be wrong after a power cut.', advice);
}

async function askTimedatectl(): Promise<boolean | null> {
  const { code, stdout } = await runProgram(
    'timedatectl',
    ['show', '--property=NTPSynchronized', '--value'],
    timeoutMs,
  );
  return code === 0 ? stdout.trim() === 'yes' : null;
}
