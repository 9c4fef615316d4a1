import { beforeEach, describe, expect, it } from 'vitest';
import type { KeyPair } from '../../../../protocol/identity.ts';
import { nobleDiffieHellman } from '../../../../protocol/noble-diffie-hellman.ts';
import { IndexedDbKeyStore } from '../../../../viewer/ui/indexed-db-key-store.ts';
import { type KeyStore, LocalStorageKeyStore, loadViewerKeys } from '../../../../viewer/ui/viewer-key-store.ts';
import { buildViewerMemoryIndexedDb } from '../../../fakes/viewer-memory-indexed-db.ts';

const generate = () => nobleDiffieHellman.generateKeyPair();
const deniedStore: KeyStore = {
  load: () => Promise.reject(new Error('denied')),
  keep: () => Promise.reject(new Error('denied')),
};

function mapStorage(): Pick<Storage, 'getItem' | 'setItem'> & { entries: Map<string, string> } {
  const entries = new Map<string, string>();
  return { entries, getItem: (key) => entries.get(key) ?? null, setItem: (key, value) => void entries.set(key, value) };
}

interface Place {
  store: KeyStore;
  /** Leaves junk where the keys are kept. */
  spoil(): void;
}

function buildIndexedDbPlace(): Place {
  const { factory, records } = buildViewerMemoryIndexedDb();
  return {
    store: new IndexedDbKeyStore(() => factory),
    spoil: () => void records.set('viewer', { privateKey: 'junk' }),
  };
}

function buildLocalStoragePlace(): Place {
  const storage = mapStorage();
  return {
    store: new LocalStorageKeyStore(() => storage),
    spoil: () => void storage.entries.set('porthole.viewer-key', 'AAAA.junk'),
  };
}

describe.each([
  ['IndexedDB', buildIndexedDbPlace],
  ['localStorage', buildLocalStoragePlace],
])('keys kept in %s', (_name, build) => {
  let store: KeyStore;
  let spoil: Place['spoil'];
  beforeEach(() => {
    ({ store, spoil } = build());
  });

  it('are made once and are the same ever after', async () => {
    const made = await loadViewerKeys({ stores: [store], generate });
    expect(made.privateKey).toHaveLength(32);
    expect(await loadViewerKeys({ stores: [store], generate })).toEqual(made);
  });

  it('are those of the first page when two open at once', async () => {
    const [one, other] = await Promise.all([
      loadViewerKeys({ stores: [store], generate }),
      loadViewerKeys({ stores: [store], generate }),
    ]);
    expect(other).toEqual(one);
  });

  it('are made anew when what is stored is no key pair', async () => {
    spoil();
    expect(await store.load()).toBeNull();
    const made = await loadViewerKeys({ stores: [store], generate });
    expect(await store.load()).toEqual(made);
  });
});

describe('the choice of a place for the keys', () => {
  it('is the next one where the first is denied', async () => {
    const storage = mapStorage();
    const stores = [deniedStore, new LocalStorageKeyStore(() => storage)];
    const made = await loadViewerKeys({ stores, generate });
    expect(await loadViewerKeys({ stores, generate })).toEqual(made);
    expect(storage.entries.size).toBe(1);
  });

  it('is the page itself where all are denied', async () => {
    let madeCount = 0;
    const keys: KeyPair = generate();
    const made = await loadViewerKeys({
      stores: [deniedStore],
      generate: () => {
        madeCount += 1;
        return keys;
      },
    });
    expect(made).toBe(keys);
    expect(madeCount).toBe(1);
  });

  it('does not wait for a database that never answers', async () => {
    const silent = { open: () => ({}) } as unknown as IDBFactory;
    await expect(new IndexedDbKeyStore(() => silent, 5).load()).rejects.toThrow('does not answer');
  });
});
