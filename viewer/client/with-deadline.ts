import { SessionError } from '../../protocol/errors.ts';

/** Waits for a promise, but not for ever. @throws what `late` makes when the time is over, {@link stoppedError} when aborted */
export async function withDeadline<Value>(
  promise: Promise<Value>,
  timeoutMs: number,
  signal: AbortSignal,
  late: () => SessionError,
): Promise<Value> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let onAbort = () => {};
  try {
    return await Promise.race([
      promise,
      new Promise<never>((_, reject) => {
        timer = setTimeout(() => reject(late()), timeoutMs);
        onAbort = () => reject(stoppedError());
        signal.addEventListener('abort', onAbort);
        if (signal.aborted) onAbort();
      }),
    ]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
  }
}

/** What an attempt ends with that nobody wants any more. */
export function stoppedError(): SessionError {
  return new SessionError('closed-by-peer', 'stopped');
}
