import type { KeyPair } from '../../protocol/identity.ts';
import { checkStoredKeys, type KeyStore } from './viewer-key-store.ts';

const databaseName = 'porthole';
const storeName = 'keys';
const recordName = 'viewer';

/** Keeps the pair in IndexedDB. Some browsers leave a denied request unanswered, hence the deadline on opening. */
export class IndexedDbKeyStore implements KeyStore {
  private readonly openFactory: () => IDBFactory;
  private readonly openTimeoutMs: number;

  constructor(openFactory: () => IDBFactory, openTimeoutMs = 2_000) {
    this.openFactory = openFactory;
    this.openTimeoutMs = openTimeoutMs;
  }

  load(): Promise<KeyPair | null> {
    return this.withStore('readonly', async (store) => checkStoredKeys(await settle(store.get(recordName))));
  }

  keep(keys: KeyPair): Promise<KeyPair> {
    // Both steps in one transaction: of two pages opened at once, the second finds the pair of the first.
    return this.withStore('readwrite', async (store) => {
      const stored = checkStoredKeys(await settle(store.get(recordName)));
      if (stored) return stored;
      await settle(store.put({ ...keys }, recordName));
      return keys;
    });
  }

  private async withStore<Value>(
    mode: IDBTransactionMode,
    use: (store: IDBObjectStore) => Promise<Value>,
  ): Promise<Value> {
    const database = await this.open();
    try {
      return await use(database.transaction(storeName, mode).objectStore(storeName));
    } finally {
      database.close();
    }
  }

  private open(): Promise<IDBDatabase> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('IndexedDB does not answer')), this.openTimeoutMs);
      const request = this.openFactory().open(databaseName, 1);
      request.onupgradeneeded = () => request.result.createObjectStore(storeName);
      settle(request)
        .then(resolve, reject)
        .finally(() => clearTimeout(timer));
    });
  }
}

function settle<Value>(request: IDBRequest<Value>): Promise<Value> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('IndexedDB failed'));
  });
}
