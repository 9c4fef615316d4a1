/**
 * As much of IndexedDB as a key-value store needs, in memory: requests answer on later microtasks, and a `readwrite` transaction
 * begins only when the one before has no more requests, as the standard demands.
 */
export function buildViewerMemoryIndexedDb(): { factory: IDBFactory; records: Map<string, unknown> } {
  const records = new Map<string, unknown>();
  let writers: Promise<void> = Promise.resolve();

  function transaction(_store: string, mode: IDBTransactionMode) {
    let turn: Promise<void> = Promise.resolve();
    if (mode === 'readwrite') {
      turn = writers;
      writers = turn.then(() => idle());
    }
    let lastRequest = turn;
    const run = <Value>(action: () => Value) => {
      const request = { result: undefined as Value | undefined } as { result?: Value; onsuccess?: () => void };
      lastRequest = lastRequest.then(() => {
        request.result = action();
        request.onsuccess?.();
      });
      return request;
    };
    // Ends some turns of the microtask queue after the last request: the page has had its chance to make another.
    const idle = async (): Promise<void> => {
      for (let seen: Promise<void> | null = null; seen !== lastRequest; ) {
        seen = lastRequest;
        await seen;
        for (let turns = 0; turns < 10; turns += 1) await null;
      }
    };
    return {
      objectStore: () => ({
        get: (key: string) => run(() => records.get(key)),
        put: (value: unknown, key: string) => run(() => void records.set(key, structuredClone(value))),
      }),
    };
  }

  const factory = {
    open() {
      const request = { result: { transaction, createObjectStore() {}, close() {} } } as Record<string, unknown>;
      queueMicrotask(() => {
        (request.onupgradeneeded as () => void)();
        (request.onsuccess as () => void)();
      });
      return request;
    },
  };
  return { factory: factory as unknown as IDBFactory, records };
}
