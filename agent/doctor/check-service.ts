import { type Finding, failed, ok, skipped, warning } from './finding.ts';
import { type ProgramRun, runProgram } from './run-program.ts';

const unit = 'porthole.service';
const timeoutMs = 2_000;
const properties = ['LoadState', 'ActiveState', 'SubState', 'UnitFileState', 'NRestarts', 'Result'];
/** A service that came back more often has a reason that its log tells. */
const restartsUsualMax = 3;
const readLog = 'See why: "journalctl -u porthole -n 50".';

/** What systemd says about the service. Never throws. */
export async function checkService(
  systemctl: (args: string[]) => Promise<ProgramRun> = (args) => runProgram('systemctl', args, timeoutMs),
): Promise<Finding> {
  const { code, stdout } = await systemctl(['show', unit, `--property=${properties.join(',')}`]);
  if (code !== 0) return skipped('service', 'This machine has no systemd that could be asked.');
  return describeService(new Map(stdout.split('\n').map((line) => splitOnce(line))));
}

function describeService(state: ReadonlyMap<string, string>): Finding {
  const isActive = state.get('ActiveState') === 'active';
  const isEnabled = state.get('UnitFileState') === 'enabled';
  const restarts = Number(state.get('NRestarts') ?? 0);
  const details = { ...Object.fromEntries(state), NRestarts: restarts };
  if (state.get('LoadState') !== 'loaded') {
    return skipped('service', 'The agent is not installed as a service ("porthole service install" does it).');
  }
  if (state.get('ActiveState') === 'failed') {
    return failed('service', `The service has failed (${state.get('Result')}).`, readLog, details);
  }
  // Also in the second in which it tries once more.
  const isRetried = state.get('ActiveState') === 'activating' && restarts > 0;
  if (isRetried || state.get('SubState') === 'auto-restart') {
    return failed('service', 'The service does not stay up: systemd starts it again and again.', readLog, details);
  }
  if (state.get('Result') === 'exec-condition') {
    const message = 'The service is installed, and waits for its settings.';
    return warning('service', message, 'Run "sudo porthole setup", then "sudo systemctl start porthole".', details);
  }
  if (!isActive) {
    const message = 'The service is installed, but does not run.';
    return warning('service', message, 'Start it: "sudo systemctl start porthole".', details);
  }
  if (!isEnabled) {
    const message = 'The service runs, but will not start with the machine.';
    return warning('service', message, 'Run "sudo systemctl enable porthole".', details);
  }
  return restarts > restartsUsualMax
    ? warning('service', `The service runs, but systemd had to restart it ${restarts} times.`, readLog, details)
    : ok('service', 'The service runs, and starts with the machine.', details);
}

function splitOnce(line: string): [string, string] {
  const index = line.indexOf('=');
  return [line.slice(0, index), line.slice(index + 1)];
}
