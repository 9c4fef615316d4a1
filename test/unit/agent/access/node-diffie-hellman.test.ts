import { x25519 } from '@noble/curves/ed25519.js';
import { hexToBytes } from '@noble/hashes/utils.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { derivePublicKey, nodeDiffieHellman } from '../../../../agent/access/node-diffie-hellman.ts';
import { nobleDiffieHellman } from '../../../../protocol/noble-diffie-hellman.ts';

const key = fc.uint8Array({ minLength: 32, maxLength: 32 });

describe('nodeDiffieHellman', () => {
  it('gives what noble gives, for any private key', () => {
    fc.assert(
      fc.property(key, key, (ours, theirs) => {
        const theirPublicKey = x25519.getPublicKey(theirs);
        expect(derivePublicKey(ours)).toEqual(x25519.getPublicKey(ours));
        expect(nodeDiffieHellman.sharedSecret(ours, theirPublicKey)).toEqual(
          nobleDiffieHellman.sharedSecret(ours, theirPublicKey),
        );
      }),
      { numRuns: 25 },
    );
  });

  it('makes keys that noble agrees with', () => {
    const ours = nodeDiffieHellman.generateKeyPair();
    const theirs = nobleDiffieHellman.generateKeyPair();
    expect(nodeDiffieHellman.sharedSecret(ours.privateKey, theirs.publicKey)).toEqual(
      nobleDiffieHellman.sharedSecret(theirs.privateKey, ours.publicKey),
    );
  });

  // The points of small order of Curve25519, and their forms that are not reduced.
  it.each([
    '0000000000000000000000000000000000000000000000000000000000000000',
    '0100000000000000000000000000000000000000000000000000000000000000',
    'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
    '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  ])('refuses the public key of low order %s', (hex) => {
    const { privateKey } = nodeDiffieHellman.generateKeyPair();
    expect(() => nodeDiffieHellman.sharedSecret(privateKey, hexToBytes(hex))).toThrow();
  });

  it.each([0, 31, 33])('refuses keys of %i bytes', (length) => {
    const pair = nodeDiffieHellman.generateKeyPair();
    expect(() => nodeDiffieHellman.sharedSecret(pair.privateKey, new Uint8Array(length))).toThrow(RangeError);
    expect(() => nodeDiffieHellman.sharedSecret(new Uint8Array(length), pair.publicKey)).toThrow(RangeError);
  });
});
