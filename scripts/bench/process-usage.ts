import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** USER_HZ, the unit of CPU times in /proc, is 100 on every Linux that Node runs on. */
const ticksPerSecond = 100;

/** CPU time that a process has used until now, user and system, in ms. @throws when it has ended */
function readCpuMs(pid: number): number {
  return parseCpuMs(readFileSync(`/proc/${pid}/stat`, 'utf8'));
}

/** @param stat of /proc/PID/stat; the name in it may hold blanks and parentheses (proc(5)) */
export function parseCpuMs(stat: string): number {
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // utime and stime are fields 14 and 15, counted from the pid; the state after the name is the third.
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / ticksPerSecond;
}

/** Resident memory of a process in MB (10^6 bytes). */
export function readMemoryMb(pid: number): number {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return (Number(kib) * 1024) / 1e6;
}

/** Share of one core that a process takes over some time, in percent. */
export async function measureCpuPercent(pid: number, durationMs: number, signal: AbortSignal): Promise<number> {
  const [cpuMs, startedAtMs] = [readCpuMs(pid), performance.now()];
  await sleep(durationMs, undefined, { signal });
  return (100 * (readCpuMs(pid) - cpuMs)) / (performance.now() - startedAtMs);
}

/** Direct children of a process with this name. */
export function findChildren(pid: number, name: string): number[] {
  return readdirSync(`/proc/${pid}/task`)
    .flatMap((thread) => readFileSync(`/proc/${pid}/task/${thread}/children`, 'utf8').split(' '))
    .map(Number)
    .filter((child) => child > 0 && readFileSync(`/proc/${child}/comm`, 'utf8').trim() === name);
}

/** CPU time in ms, until now: of the whole machine, and of this process with all its children that have ended. */
export function readMachineCpu(): { busyMs: number; ownMs: number } {
  const [user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0] = readFileSync('/proc/stat', 'utf8')
    .slice(4)
    .trimStart()
    .split(' ')
    .map(Number);
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1]?.split(' ') ?? [];
  const own = [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index]), 0);
  const tickMs = 1000 / ticksPerSecond;
  return { busyMs: (user + nice + system + irq + softIrq) * tickMs, ownMs: own * tickMs };
}
