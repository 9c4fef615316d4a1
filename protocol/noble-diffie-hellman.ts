import { x25519 } from '@noble/curves/ed25519.js';
import type { DiffieHellman } from './noise.ts';

/** X25519 in plain JavaScript: works where WebCrypto does not, on a page from a plain-http LAN address. About 1 ms each. */
export const nobleDiffieHellman: DiffieHellman = {
  generateKeyPair() {
    const { secretKey, publicKey } = x25519.keygen();
    return { privateKey: secretKey, publicKey };
  },
  sharedSecret: (privateKey, publicKey) => x25519.getSharedSecret(privateKey, publicKey),
};
