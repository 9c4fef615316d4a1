import { readdir, readFile } from 'node:fs/promises';
import type { Logger } from '../../../agent/audio/logger.ts';

const waitTimeoutMs = 15_000;

export const quiet: Logger = { debug() {}, info() {} };

/** Lets a test wait for a condition that is looked at after each `notify`. */
export class Watch {
  private readonly checks = new Set<() => void>();

  notify(): void {
    for (const check of [...this.checks]) check();
  }

  /** @param explain says how things stand when it was in vain */
  until(condition: () => boolean, explain: () => string): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.checks.delete(check);
        reject(new Error(`waited in vain: ${explain()}`));
      }, waitTimeoutMs);
      const check = () => {
        if (!condition()) return;
        clearTimeout(timer);
        this.checks.delete(check);
        resolve();
      };
      this.checks.add(check);
      check();
    });
  }
}

/** Process ids of the processes whose command line has a text. */
export async function findProcessesWith(text: string): Promise<number[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const lines = await Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')));
  return ids.filter((_, index) => lines[index]?.includes(text));
}
