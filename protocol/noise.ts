import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes } from '@noble/hashes/utils.js';
import { encodeUtf8 } from './bytes.ts';
import { type KeyPair, keyLengthBytes } from './identity.ts';

/**
 * Noise_IK_25519_ChaChaPoly_SHA256, after the Noise Protocol Framework, revision 34. Section numbers in this file are
 * those of that document.
 */
const protocolName = 'Noise_IK_25519_ChaChaPoly_SHA256';

const tagLengthBytes = 16;
const noBytes = new Uint8Array(0);

/** X25519 as the platform does it best: node:crypto on a device, noble in a page. */
export interface DiffieHellman {
  generateKeyPair(): KeyPair;
  /** @throws when the result would be all zeros: a public key of low order (RFC 7748 section 6.1) */
  sharedSecret(privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array;
}

/** Raised for everything that is off the pattern: wrong order, wrong length, failed authentication. Never says which secret. */
export class NoiseError extends Error {
  readonly code: 'out-of-order' | 'truncated' | 'not-authentic' | 'exhausted' | 'not-admitted';

  constructor(code: NoiseError['code']) {
    super(`Noise: ${code}`);
    this.name = 'NoiseError';
    this.code = code;
  }
}

/** ChaCha20-Poly1305 under one key with the counter as nonce (section 5.1). */
export class CipherState {
  private readonly key: Uint8Array;

  constructor(key: Uint8Array) {
    this.key = key;
  }

  /** @param counter 0 to 2^32 - 1; the caller never uses one twice for encryption */
  encrypt(counter: number, associatedData: Uint8Array, plaintext: Uint8Array): Uint8Array {
    return chacha20poly1305(this.key, nonceOf(counter), associatedData).encrypt(plaintext);
  }

  /** @throws NoiseError `truncated` or `not-authentic` */
  decrypt(counter: number, associatedData: Uint8Array, ciphertext: Uint8Array): Uint8Array {
    if (ciphertext.length < tagLengthBytes) throw new NoiseError('truncated');
    try {
      return chacha20poly1305(this.key, nonceOf(counter), associatedData).decrypt(ciphertext);
    } catch {
      throw new NoiseError('not-authentic');
    }
  }
}

/** The chaining key, the transcript hash and the handshake cipher (section 5.2). */
class SymmetricState {
  private chainingKey: Uint8Array;
  private hash: Uint8Array;
  private cipher: CipherState | null = null;
  private counter = 0;

  constructor() {
    // The name is exactly 32 bytes long, the length of the hash, and so is the first hash itself.
    this.hash = encodeUtf8(protocolName);
    this.chainingKey = this.hash;
  }

  /** A copy to try an unauthenticated message on, so that a forgery leaves the original as it was. */
  fork(): SymmetricState {
    const copy = new SymmetricState();
    copy.hash = this.hash;
    copy.chainingKey = this.chainingKey;
    copy.cipher = this.cipher;
    copy.counter = this.counter;
    return copy;
  }

  get handshakeHash(): Uint8Array {
    return this.hash;
  }

  mixHash(data: Uint8Array): void {
    this.hash = sha256(concatBytes(this.hash, data));
  }

  mixKey(inputKeyMaterial: Uint8Array): void {
    const [chainingKey, key] = deriveTwoKeys(this.chainingKey, inputKeyMaterial);
    this.chainingKey = chainingKey;
    this.cipher = new CipherState(key);
    this.counter = 0;
  }

  encryptAndHash(plaintext: Uint8Array): Uint8Array {
    const ciphertext = this.cipher ? this.cipher.encrypt(this.counter++, this.hash, plaintext) : plaintext;
    this.mixHash(ciphertext);
    return ciphertext;
  }

  decryptAndHash(ciphertext: Uint8Array): Uint8Array {
    const plaintext = this.cipher ? this.cipher.decrypt(this.counter++, this.hash, ciphertext) : ciphertext;
    this.mixHash(ciphertext);
    return plaintext;
  }

  /** @returns the keys of the two directions: initiator to responder, and back */
  split(): [CipherState, CipherState] {
    const [first, second] = deriveTwoKeys(this.chainingKey, noBytes);
    return [new CipherState(first), new CipherState(second)];
  }
}

/** What a finished handshake leaves: one cipher for each direction and the hash of the whole transcript. */
export interface NoiseTransport {
  send: CipherState;
  receive: CipherState;
  handshakeHash: Uint8Array;
}

interface HandshakeOptions {
  dh: DiffieHellman;
  prologue: Uint8Array;
  staticKeys: KeyPair;
  /** Only for published test vectors; otherwise fresh keys are made. */
  ephemeralKeys?: KeyPair;
}

/** The side that speaks first and knows the other's static key: `-> e, es, s, ss` then `<- e, ee, se`. */
export class NoiseInitiator {
  private readonly symmetric = new SymmetricState();
  private readonly dh: DiffieHellman;
  private readonly staticKeys: KeyPair;
  private readonly ephemeralKeys: KeyPair;
  private readonly remoteStatic: Uint8Array;
  private next: 'write' | 'read' | 'done' = 'write';

  constructor(options: HandshakeOptions & { remoteStatic: Uint8Array }) {
    this.dh = options.dh;
    this.staticKeys = options.staticKeys;
    this.ephemeralKeys = options.ephemeralKeys ?? options.dh.generateKeyPair();
    this.remoteStatic = options.remoteStatic;
    this.symmetric.mixHash(options.prologue);
    this.symmetric.mixHash(options.remoteStatic);
  }

  /** @throws NoiseError `out-of-order` when called twice */
  writeMessage(payload: Uint8Array): Uint8Array {
    if (this.next !== 'write') throw new NoiseError('out-of-order');
    this.next = 'read';
    this.symmetric.mixHash(this.ephemeralKeys.publicKey);
    this.symmetric.mixKey(sharedSecret(this.dh, this.ephemeralKeys.privateKey, this.remoteStatic));
    const sealedStatic = this.symmetric.encryptAndHash(this.staticKeys.publicKey);
    this.symmetric.mixKey(sharedSecret(this.dh, this.staticKeys.privateKey, this.remoteStatic));
    return concatBytes(this.ephemeralKeys.publicKey, sealedStatic, this.symmetric.encryptAndHash(payload));
  }

  /** A forgery is refused and changes nothing: the true reply may still follow. After that, no message is read. */
  readMessage(message: Uint8Array): { payload: Uint8Array; transport: NoiseTransport } {
    if (this.next !== 'read') throw new NoiseError('out-of-order');
    if (message.length < keyLengthBytes + tagLengthBytes) throw new NoiseError('truncated');
    const symmetric = this.symmetric.fork();
    const remoteEphemeral = message.subarray(0, keyLengthBytes);
    symmetric.mixHash(remoteEphemeral);
    symmetric.mixKey(sharedSecret(this.dh, this.ephemeralKeys.privateKey, remoteEphemeral));
    symmetric.mixKey(sharedSecret(this.dh, this.staticKeys.privateKey, remoteEphemeral));
    const payload = symmetric.decryptAndHash(message.subarray(keyLengthBytes));
    this.next = 'done';
    const [send, receive] = symmetric.split();
    return { payload, transport: { send, receive, handshakeHash: symmetric.handshakeHash } };
  }
}

/** The side that is known by its static key and learns the other's. */
export class NoiseResponder {
  private readonly symmetric = new SymmetricState();
  private readonly dh: DiffieHellman;
  private readonly staticKeys: KeyPair;
  private readonly givenEphemeralKeys: KeyPair | undefined;
  private remoteStatic: Uint8Array = noBytes;
  private remoteEphemeral: Uint8Array = noBytes;
  private next: 'read' | 'write' | 'done' = 'read';

  constructor(options: HandshakeOptions) {
    this.dh = options.dh;
    this.staticKeys = options.staticKeys;
    this.givenEphemeralKeys = options.ephemeralKeys;
    this.symmetric.mixHash(options.prologue);
    this.symmetric.mixHash(options.staticKeys.publicKey);
  }

  /**
   * @param admit asked as soon as the other's static key is known, which is claimed then and proved by the rest of the message;
   *   false spares the second Diffie-Hellman operation and ends the handshake as `not-admitted`
   */
  readMessage(
    message: Uint8Array,
    admit?: (claimedStatic: Uint8Array) => boolean,
  ): { payload: Uint8Array; remoteStatic: Uint8Array } {
    if (this.next !== 'read') throw new NoiseError('out-of-order');
    this.next = 'done';
    const sealedStaticEnd = keyLengthBytes + keyLengthBytes + tagLengthBytes;
    if (message.length < sealedStaticEnd + tagLengthBytes) throw new NoiseError('truncated');
    this.remoteEphemeral = message.slice(0, keyLengthBytes);
    this.symmetric.mixHash(this.remoteEphemeral);
    this.symmetric.mixKey(sharedSecret(this.dh, this.staticKeys.privateKey, this.remoteEphemeral));
    // A stranger without the device's key fails here, after a single Diffie-Hellman operation.
    this.remoteStatic = this.symmetric.decryptAndHash(message.subarray(keyLengthBytes, sealedStaticEnd));
    if (admit && !admit(this.remoteStatic)) throw new NoiseError('not-admitted');
    this.symmetric.mixKey(sharedSecret(this.dh, this.staticKeys.privateKey, this.remoteStatic));
    const payload = this.symmetric.decryptAndHash(message.subarray(sealedStaticEnd));
    this.next = 'write';
    return { payload, remoteStatic: this.remoteStatic };
  }

  writeMessage(payload: Uint8Array): { message: Uint8Array; transport: NoiseTransport } {
    if (this.next !== 'write') throw new NoiseError('out-of-order');
    this.next = 'done';
    const ephemeralKeys = this.givenEphemeralKeys ?? this.dh.generateKeyPair();
    this.symmetric.mixHash(ephemeralKeys.publicKey);
    this.symmetric.mixKey(sharedSecret(this.dh, ephemeralKeys.privateKey, this.remoteEphemeral));
    this.symmetric.mixKey(sharedSecret(this.dh, ephemeralKeys.privateKey, this.remoteStatic));
    const message = concatBytes(ephemeralKeys.publicKey, this.symmetric.encryptAndHash(payload));
    const [receive, send] = this.symmetric.split();
    return { message, transport: { send, receive, handshakeHash: this.symmetric.handshakeHash } };
  }
}

function sharedSecret(dh: DiffieHellman, privateKey: Uint8Array, publicKey: Uint8Array): Uint8Array {
  try {
    return dh.sharedSecret(privateKey, publicKey);
  } catch {
    throw new NoiseError('not-authentic');
  }
}

// HKDF with two outputs (section 4.3).
function deriveTwoKeys(chainingKey: Uint8Array, inputKeyMaterial: Uint8Array): [Uint8Array, Uint8Array] {
  const temporaryKey = hmac(sha256, chainingKey, inputKeyMaterial);
  const first = hmac(sha256, temporaryKey, Uint8Array.of(1));
  const second = hmac(sha256, temporaryKey, concatBytes(first, Uint8Array.of(2)));
  return [first, second];
}

// 32 zero bits, then the counter as 64 bits little-endian (section 12.3).
function nonceOf(counter: number): Uint8Array {
  if (!Number.isInteger(counter) || counter < 0 || counter > 0xffffffff) throw new NoiseError('exhausted');
  const nonce = new Uint8Array(12);
  new DataView(nonce.buffer).setUint32(4, counter, true);
  return nonce;
}
