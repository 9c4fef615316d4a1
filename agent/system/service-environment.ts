/** What systemd tells a service about itself; all absent where none started it. */
export interface ServiceEnvironment {
  /** Address of the socket that takes notifications (sd_notify(3)). */
  notifySocket?: string;
  /** After this long without a sign of life systemd ends the service, in milliseconds. */
  watchdogMs?: number;
}

/** @param env the environment of the process; @param pid its id: a watchdog that is meant for another process is none */
export function readServiceEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  pid: number,
): ServiceEnvironment {
  const watchdogMicroseconds = Number(env.WATCHDOG_USEC || Number.NaN);
  const isOurs = !env.WATCHDOG_PID || Number(env.WATCHDOG_PID) === pid;
  return {
    notifySocket: env.NOTIFY_SOCKET || undefined,
    watchdogMs: watchdogMicroseconds > 0 && isOurs ? watchdogMicroseconds / 1000 : undefined,
  };
}
