import { readFileSync } from 'node:fs';
import { x25519 } from '@noble/curves/ed25519.js';
import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import { describe, expect, it } from 'vitest';
import { nodeDiffieHellman } from '../../../agent/access/node-diffie-hellman.ts';
import type { KeyPair } from '../../../protocol/identity.ts';
import { nobleDiffieHellman } from '../../../protocol/noble-diffie-hellman.ts';
import {
  CipherState,
  type DiffieHellman,
  NoiseInitiator,
  NoiseResponder,
  type NoiseTransport,
} from '../../../protocol/noise.ts';

interface Vector {
  protocol_name: string;
  init_prologue: string;
  init_static: string;
  init_ephemeral: string;
  init_remote_static: string;
  resp_prologue: string;
  resp_static: string;
  resp_ephemeral: string;
  handshake_hash?: string;
  messages: { payload: string; ciphertext: string }[];
}

const fixture = new URL('../../fixtures/noise-ik-vectors.json', import.meta.url);
const { vectors } = JSON.parse(readFileSync(fixture, 'utf8')) as { vectors: Vector[] };
const noBytes = new Uint8Array(0);

const implementations: [string, DiffieHellman][] = [
  ['noble', nobleDiffieHellman],
  ['node:crypto', nodeDiffieHellman],
];

function keysOf(privateKeyHex: string): KeyPair {
  const privateKey = hexToBytes(privateKeyHex);
  return { privateKey, publicKey: x25519.getPublicKey(privateKey) };
}

function buildPair(dh: DiffieHellman, prologue = noBytes) {
  const device = dh.generateKeyPair();
  const viewer = dh.generateKeyPair();
  return {
    device,
    viewer,
    initiator: new NoiseInitiator({ dh, prologue, staticKeys: viewer, remoteStatic: device.publicKey }),
    responder: new NoiseResponder({ dh, prologue, staticKeys: device }),
  };
}

describe.each(implementations)('Noise IK with %s', (_, dh) => {
  it.each(vectors.map((vector, index) => ({ vector, index })))('reproduces published vector $index', ({ vector }) => {
    expect(vector.protocol_name).toBe('Noise_IK_25519_ChaChaPoly_SHA256');
    const initiator = new NoiseInitiator({
      dh,
      prologue: hexToBytes(vector.init_prologue),
      staticKeys: keysOf(vector.init_static),
      ephemeralKeys: keysOf(vector.init_ephemeral),
      remoteStatic: hexToBytes(vector.init_remote_static),
    });
    const responder = new NoiseResponder({
      dh,
      prologue: hexToBytes(vector.resp_prologue),
      staticKeys: keysOf(vector.resp_static),
      ephemeralKeys: keysOf(vector.resp_ephemeral),
    });
    const [first, second, ...transport] = vector.messages;

    const message1 = initiator.writeMessage(hexToBytes(first!.payload));
    expect(bytesToHex(message1)).toBe(first!.ciphertext);
    const read1 = responder.readMessage(message1);
    expect(bytesToHex(read1.payload)).toBe(first!.payload);
    expect(read1.remoteStatic).toEqual(keysOf(vector.init_static).publicKey);

    const message2 = responder.writeMessage(hexToBytes(second!.payload));
    expect(bytesToHex(message2.message)).toBe(second!.ciphertext);
    const read2 = initiator.readMessage(message2.message);
    expect(bytesToHex(read2.payload)).toBe(second!.payload);
    expect(read2.transport.handshakeHash).toEqual(message2.transport.handshakeHash);
    if (vector.handshake_hash) expect(bytesToHex(read2.transport.handshakeHash)).toBe(vector.handshake_hash);

    expect(transport.length).toBeGreaterThan(0);
    const sides: [NoiseTransport, NoiseTransport] = [read2.transport, message2.transport];
    transport.forEach(({ payload, ciphertext }, index) => {
      const from = sides[index % 2]!;
      const to = sides[(index + 1) % 2]!;
      const counter = Math.floor(index / 2);
      expect(bytesToHex(from.send.encrypt(counter, noBytes, hexToBytes(payload)))).toBe(ciphertext);
      expect(bytesToHex(to.receive.decrypt(counter, noBytes, hexToBytes(ciphertext)))).toBe(payload);
    });
  });

  it('refuses a prologue that differs', () => {
    const { initiator, device } = buildPair(dh);
    const responder = new NoiseResponder({ dh, prologue: Uint8Array.of(1), staticKeys: device });
    expect(() => responder.readMessage(initiator.writeMessage(noBytes))).toThrow('not-authentic');
  });

  // RFC 7748 section 6.1: keys whose every shared secret is zero. The last bit of the encoding is ignored.
  const lowOrderKeys = [
    '0000000000000000000000000000000000000000000000000000000000000000',
    '0100000000000000000000000000000000000000000000000000000000000000',
    'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
    '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
    'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
    '0000000000000000000000000000000000000000000000000000000000000080',
  ];

  it.each(lowOrderKeys)('refuses the low-order key %s in every place', (hex) => {
    const lowOrder = hexToBytes(hex);
    const { device, initiator, responder, viewer } = buildPair(dh);
    const message1 = initiator.writeMessage(noBytes);
    const asEphemeral = message1.slice();
    asEphemeral.set(lowOrder);
    expect(() => responder.readMessage(asEphemeral)).toThrow('not-authentic');

    const asReply = new Uint8Array(48);
    asReply.set(lowOrder);
    expect(() => initiator.readMessage(asReply)).toThrow('not-authentic');

    const pinned = new NoiseInitiator({ dh, prologue: noBytes, staticKeys: viewer, remoteStatic: lowOrder });
    expect(() => pinned.writeMessage(noBytes)).toThrow('not-authentic');

    // A static key of low order inside a seal that is otherwise right: the sender knows that the secret will be zeros.
    const fraud: DiffieHellman = {
      ...dh,
      sharedSecret: (privateKey, publicKey) =>
        privateKey === viewer.privateKey ? new Uint8Array(32) : dh.sharedSecret(privateKey, publicKey),
    };
    const sender = new NoiseInitiator({
      dh: fraud,
      prologue: noBytes,
      staticKeys: { privateKey: viewer.privateKey, publicKey: lowOrder },
      remoteStatic: device.publicKey,
    });
    const receiver = new NoiseResponder({ dh, prologue: noBytes, staticKeys: device });
    expect(() => receiver.readMessage(sender.writeMessage(noBytes))).toThrow('not-authentic');
  });

  it('refuses every step that is out of order', () => {
    const { initiator, responder } = buildPair(dh);
    expect(() => initiator.readMessage(new Uint8Array(48))).toThrow('out-of-order');
    expect(() => responder.writeMessage(noBytes)).toThrow('out-of-order');
    const message1 = initiator.writeMessage(noBytes);
    expect(() => initiator.writeMessage(noBytes)).toThrow('out-of-order');
    responder.readMessage(message1);
    expect(() => responder.readMessage(message1)).toThrow('out-of-order');
    const { message } = responder.writeMessage(noBytes);
    expect(() => responder.writeMessage(noBytes)).toThrow('out-of-order');
    initiator.readMessage(message);
    expect(() => initiator.readMessage(message)).toThrow('out-of-order');
  });

  it('never answers a message that it could not read', () => {
    const { initiator, responder } = buildPair(dh);
    const forged = initiator.writeMessage(noBytes);
    forged[forged.length - 1]! ^= 1;
    expect(() => responder.readMessage(forged)).toThrow('not-authentic');
    expect(() => responder.writeMessage(noBytes)).toThrow('out-of-order');
    expect(() => responder.readMessage(forged)).toThrow('out-of-order');
  });

  it('draws fresh keys for every handshake', () => {
    const { device, viewer } = buildPair(dh);
    const write = () =>
      new NoiseInitiator({ dh, prologue: noBytes, staticKeys: viewer, remoteStatic: device.publicKey }).writeMessage(
        noBytes,
      );
    expect(write()).not.toEqual(write());
  });
});

describe('the two Diffie-Hellman implementations', () => {
  it('agree on shared secrets, keys that are not in canonical form included', () => {
    for (let round = 0; round < 20; round += 1) {
      const mine = nobleDiffieHellman.generateKeyPair();
      const theirs = nodeDiffieHellman.generateKeyPair();
      const secret = nodeDiffieHellman.sharedSecret(mine.privateKey, theirs.publicKey);
      expect(nobleDiffieHellman.sharedSecret(mine.privateKey, theirs.publicKey)).toEqual(secret);
      expect(nobleDiffieHellman.sharedSecret(theirs.privateKey, mine.publicKey)).toEqual(secret);
      const odd = theirs.publicKey.slice();
      odd[31]! |= 0x80;
      expect(nobleDiffieHellman.sharedSecret(mine.privateKey, odd)).toEqual(secret);
      expect(nodeDiffieHellman.sharedSecret(mine.privateKey, odd)).toEqual(secret);
    }
  });
});

describe('CipherState', () => {
  const cipher = new CipherState(new Uint8Array(32).fill(7));

  it.each([-1, 2 ** 32, 0.5, Number.NaN])('refuses the counter %s rather than use a nonce twice', (counter) => {
    expect(() => cipher.encrypt(counter, noBytes, noBytes)).toThrow('exhausted');
  });

  it('takes the first and the last counter', () => {
    for (const counter of [0, 2 ** 32 - 1]) {
      const sealed = cipher.encrypt(counter, noBytes, Uint8Array.of(1, 2, 3));
      expect(cipher.decrypt(counter, noBytes, sealed)).toEqual(Uint8Array.of(1, 2, 3));
    }
  });

  it('refuses what is shorter than a tag', () => {
    expect(() => cipher.decrypt(0, noBytes, new Uint8Array(15))).toThrow('truncated');
  });
});
