import { setTimeout as sleep } from 'node:timers/promises';

/** Polls until the condition gives a value. @throws when it does not within the time, or when aborted */
export async function waitFor<Value>(
  what: string,
  condition: () => Value | Promise<Value>,
  options: { timeoutMs: number; signal: AbortSignal; intervalMs?: number },
): Promise<NonNullable<Value>> {
  const deadlineMs = performance.now() + options.timeoutMs;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (performance.now() > deadlineMs) throw new Error(`${what}: not within ${options.timeoutMs} ms`);
    await sleep(options.intervalMs ?? 10, undefined, { signal: options.signal });
  }
}
