import { encodeBase64Url, parseBase64Url } from '../../protocol/bytes.ts';
import { type KeyPair, keyLengthBytes } from '../../protocol/identity.ts';

/** One place of this browser profile that can hold the viewer's key pair. Every method may reject: storage may be denied. */
export interface KeyStore {
  load(): Promise<KeyPair | null>;
  /** Stores the pair unless another page has just stored one. @returns the pair that is now in the store */
  keep(keys: KeyPair): Promise<KeyPair>;
}

/**
 * The key pair by which devices know this browser profile: the stored one, else a new one, kept in the first store that takes
 * it. Where none does, the pair lives as long as the page, and the browser needs a new invite each time.
 */
export async function loadViewerKeys(options: {
  stores: readonly KeyStore[];
  generate: () => KeyPair | Promise<KeyPair>;
}): Promise<KeyPair> {
  for (const store of options.stores) {
    const keys = await store.load().catch(() => null);
    if (keys) return keys;
  }
  const fresh = await options.generate();
  for (const store of options.stores) {
    const kept = await store.keep(fresh).catch(() => null);
    if (kept) return kept;
  }
  return fresh;
}

/** The fallback where IndexedDB is denied, as in the private mode of some browsers. */
export class LocalStorageKeyStore implements KeyStore {
  private readonly openStorage: () => Pick<Storage, 'getItem' | 'setItem'>;
  private readonly key = 'porthole.viewer-key';

  /** @param openStorage may throw: reading the property `localStorage` alone does where storage is denied */
  constructor(openStorage: () => Pick<Storage, 'getItem' | 'setItem'>) {
    this.openStorage = openStorage;
  }

  async load(): Promise<KeyPair | null> {
    return this.read();
  }

  async keep(keys: KeyPair): Promise<KeyPair> {
    // Nothing is awaited between reading and writing, so that no other caller gets in between.
    const stored = this.read();
    if (stored) return stored;
    this.openStorage().setItem(this.key, `${encodeBase64Url(keys.privateKey)}.${encodeBase64Url(keys.publicKey)}`);
    return keys;
  }

  private read(): KeyPair | null {
    const [privateText, publicText] = (this.openStorage().getItem(this.key) ?? '').split('.');
    const privateKey = parseBase64Url(privateText ?? '', keyLengthBytes);
    const publicKey = parseBase64Url(publicText ?? '', keyLengthBytes);
    return privateKey && publicKey ? { privateKey, publicKey } : null;
  }
}

/** What came out of a store, checked: a profile may hold what an older version or somebody's experiment left there. */
export function checkStoredKeys(stored: unknown): KeyPair | null {
  if (typeof stored !== 'object' || stored === null) return null;
  const { privateKey, publicKey } = stored as Record<string, unknown>;
  return isKey(privateKey) && isKey(publicKey) ? { privateKey, publicKey } : null;
}

function isKey(value: unknown): value is Uint8Array {
  return value instanceof Uint8Array && value.length === keyLengthBytes;
}
