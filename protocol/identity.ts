import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';

/** Length of X25519 keys of both kinds. */
export const keyLengthBytes = 32;

/** An X25519 key pair (RFC 7748), as raw bytes. */
export interface KeyPair {
  privateKey: Uint8Array;
  publicKey: Uint8Array;
}

/**
 * The id of a device or a viewer: the first 16 bytes of the SHA-256 of its public key as lower-case hex. It certifies itself
 * (nobody else can hold the key to it) and is safe in a topic.
 */
export function deriveId(publicKey: Uint8Array): string {
  return bytesToHex(sha256(publicKey).subarray(0, 16));
}
