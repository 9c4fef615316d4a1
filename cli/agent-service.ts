import type { Agent } from '../agent/agent.ts';
import { systemClock } from '../agent/system/clock.ts';
import type { Logger } from '../agent/system/logger.ts';
import { readServiceEnvironment } from '../agent/system/service-environment.ts';
import { ServiceNotifier } from '../agent/system/service-notifier.ts';
import { SystemdNotify } from '../agent/system/systemd-notify.ts';

/** Tells systemd how the agent is; null where systemd did not start it. */
export function buildServiceNotifier(
  agent: Agent,
  env: Record<string, string | undefined>,
  logger: Logger,
): ServiceNotifier | null {
  const { notifySocket, watchdogMs } = readServiceEnvironment(env, process.pid);
  if (notifySocket === undefined) return null;
  return new ServiceNotifier({
    sink: new SystemdNotify({ socket: notifySocket, searchPath: env.PATH ?? '' }),
    watchdogMs,
    checks: agent.checks,
    describe: () => agent.statusLine,
    nowMs: systemClock.nowMs,
    cpuMs,
    logger,
  });
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
