import { readdir, readFile } from 'node:fs/promises';
import { type RunningCommand, waitFor } from './command.ts';

/** The ffmpeg that a command has started and whose arguments hold this text. @returns its process id */
export function findFfmpeg(command: RunningCommand, text: string, timeoutMs = 5_000): Promise<number> {
  return waitFor(
    async () => {
      const children = await childrenOf(command.process.pid ?? 0);
      return children.find(({ commandLine }) => commandLine.includes(text))?.pid;
    },
    timeoutMs,
    () => `no ffmpeg with ${text}`,
  );
}

async function childrenOf(parent: number): Promise<{ pid: number; commandLine: string }[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(pids.map((pid) => readProcess(Number(pid))));
  return found.filter((process) => process !== null).filter((process) => process.parent === parent);
}

/** Null when it has ended meanwhile. */
async function readProcess(pid: number): Promise<{ pid: number; parent: number; commandLine: string } | null> {
  try {
    const [status, commandLine] = await Promise.all([
      readFile(`/proc/${pid}/status`, 'utf8'),
      readFile(`/proc/${pid}/cmdline`, 'latin1'),
    ]);
    return { pid, parent: Number(/^PPid:\s*(\d+)/m.exec(status)?.[1]), commandLine };
  } catch {
    return null;
  }
}
