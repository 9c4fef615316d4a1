import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deriveId } from '../../../protocol/identity.ts';
import { limits } from '../../../protocol/limits.ts';
import { nobleDiffieHellman } from '../../../protocol/noble-diffie-hellman.ts';
import { NoiseError } from '../../../protocol/noise.ts';
import { frameKind } from '../../../protocol/sealed-channel.ts';
import { openHello } from '../../../protocol/sealing.ts';
import {
  buildHello,
  buildParties,
  openAtDevice,
  openedHello,
  otherSid,
  shakeHands,
  withOneBitFlipped,
} from '../../helpers/protocol-handshake.ts';

const parties = buildParties();
const longestText = 'x'.repeat(limits.signalingPayloadMaxBytes - 2);

describe('a handshake', () => {
  it('brings both payloads and the identity of the viewer across, with either X25519', () => {
    for (const mixed of [parties, { ...buildParties(nobleDiffieHellman), dh: parties.dh }]) {
      const seal = buildHello(mixed, { type: 'hello', epoch: 'é ✓' });
      const hello = openedHello(mixed, seal);
      expect(hello.payload).toEqual({ type: 'hello', epoch: 'é ✓' });
      expect(hello.viewerId).toBe(deriveId(mixed.viewer.publicKey));
      const opened = seal.openReply(hello.reply({ type: 'offer' }).bytes);
      expect(opened.ok && opened.value.payload).toEqual({ type: 'offer' });
    }
  });

  it('carries the longest payload within the limit of a message, and no longer one', () => {
    // The JSON of an array of one string is the string with its quotes and two brackets.
    const payload = [longestText.slice(2)];
    const { bytes } = buildHello(parties, payload);
    expect(bytes.length).toBe(limits.signalingMessageMaxBytes);
    const opened = openAtDevice(parties, bytes);
    expect(opened.ok && opened.value.payload).toEqual(payload);
    expect(() => buildHello(parties, [`${longestText}!`])).toThrow(RangeError);
  });

  it('shows nothing of the payload', () => {
    const secret = 'candidate 192.0.2.77';
    const { bytes } = buildHello(parties, { secret });
    expect(Buffer.from(bytes).includes(secret)).toBe(false);
  });
});

describe('openHello', () => {
  const seal = buildHello(parties);

  it('refuses a hello with any one bit flipped', () => {
    for (const changed of withOneBitFlipped(seal.bytes)) expect(openAtDevice(parties, changed).ok).toBe(false);
  });

  it('refuses a hello that is cut or extended anywhere', () => {
    for (let length = 0; length < seal.bytes.length; length += 1) {
      expect(openAtDevice(parties, seal.bytes.slice(0, length)).ok).toBe(false);
    }
    const extended = Uint8Array.from([...seal.bytes, 0]);
    expect(openAtDevice(parties, extended)).toEqual({ ok: false, error: 'not-authentic' });
  });

  it('refuses a hello that was moved to another sid', () => {
    expect(openAtDevice({ ...parties, sid: otherSid }, seal.bytes)).toEqual({ ok: false, error: 'not-authentic' });
  });

  it('refuses a hello that was moved to another sid by somebody who can make the tag', () => {
    const message = seal.bytes.subarray(17);
    const key = sha256(Buffer.concat([Buffer.from('porthole/1/hello'), parties.device.publicKey]));
    const tag = (forSid: string) =>
      hmac(sha256, key, Buffer.concat([Buffer.from(forSid), message.subarray(0, 80)])).subarray(0, 16);
    expect(tag(parties.sid)).toEqual(seal.bytes.slice(1, 17));
    const moved = Uint8Array.from([frameKind.hello, ...tag(otherSid), ...message]);
    let isAdmitted = false;
    const admit = () => {
      isAdmitted = true;
      return true;
    };
    expect(openAtDevice({ ...parties, sid: otherSid }, moved, admit)).toEqual({ ok: false, error: 'not-authentic' });
    expect(isAdmitted).toBe(false);
  });

  it('refuses a hello for another device', () => {
    const other = { ...parties, device: parties.dh.generateKeyPair() };
    expect(openAtDevice(other, seal.bytes)).toEqual({ ok: false, error: 'not-authentic' });
  });

  it('refuses the static key of another viewer', () => {
    // A viewer that claims a public key to which it does not have the private one.
    const victim = parties.dh.generateKeyPair();
    const liar = { ...parties, viewer: { privateKey: parties.viewer.privateKey, publicKey: victim.publicKey } };
    expect(openAtDevice(liar, buildHello(liar).bytes)).toEqual({ ok: false, error: 'not-authentic' });
  });

  it('takes a message of another kind for what it is', () => {
    for (const kind of [0, frameKind.reply, frameKind.transport, 255]) {
      const changed = seal.bytes.slice();
      changed[0] = kind;
      expect(openAtDevice(parties, changed)).toEqual({ ok: false, error: 'wrong-kind' });
    }
    expect(openAtDevice(parties, new Uint8Array(0))).toEqual({ ok: false, error: 'wrong-kind' });
  });

  it('refuses what is over the limit before looking at it', () => {
    const tooLong = new Uint8Array(limits.signalingMessageMaxBytes + 1).fill(frameKind.hello);
    expect(openAtDevice(parties, tooLong)).toEqual({ ok: false, error: 'too-large' });
  });

  it('refuses a payload that is nested too deep or no JSON, under a seal that is right', () => {
    let nested: object = {};
    for (let depth = 0; depth < limits.jsonMaxDepth; depth += 1) nested = [nested];
    expect(openAtDevice(parties, buildHello(parties, nested).bytes)).toEqual({ ok: false, error: 'not-json' });
    const noJson = { toJSON: () => undefined };
    expect(openAtDevice(parties, buildHello(parties, noJson).bytes)).toEqual({ ok: false, error: 'not-json' });
  });

  it('asks for admission only once the tag is right, and before any Diffie-Hellman operation', () => {
    let asked = 0;
    let operations = 0;
    const counting = {
      ...parties.dh,
      sharedSecret: (...keys: [Uint8Array, Uint8Array]) => {
        operations += 1;
        return parties.dh.sharedSecret(...keys);
      },
    };
    const admit = () => {
      asked += 1;
      return false;
    };
    const options = { dh: counting, deviceKeys: parties.device, sid: parties.sid, admit };
    const junk = seal.bytes.slice().fill(0xaa, 1);
    expect(openHello(options, junk)).toEqual({ ok: false, error: 'not-authentic' });
    expect(asked).toBe(0);
    expect(openHello(options, seal.bytes)).toEqual({ ok: false, error: 'rate-limited' });
    expect(asked).toBe(1);
    expect(operations).toBe(1);
    expect(openHello({ ...options, admit: () => true }, seal.bytes).ok).toBe(true);
    expect(operations).toBe(3);
  });

  it('is right about a hello that lies in the middle of a larger buffer', () => {
    const buffer = new Uint8Array(seal.bytes.length + 20);
    buffer.set(seal.bytes, 7);
    expect(openAtDevice(parties, buffer.subarray(7, 7 + seal.bytes.length)).ok).toBe(true);
  });

  it('answers a hello once', () => {
    const hello = openedHello(parties, seal);
    hello.reply({ type: 'retry' });
    expect(() => hello.reply({ type: 'retry' })).toThrow(NoiseError);
  });

  it('can still answer after a reply that was too long', () => {
    const hello = openedHello(parties, seal);
    expect(() => hello.reply([`${longestText}!`])).toThrow(RangeError);
    expect(seal.openReply(hello.reply({ type: 'error' }).bytes).ok).toBe(true);
  });

  it('does not need the bytes of the hello any more once it is read', () => {
    const fresh = buildHello(parties);
    const bytes = fresh.bytes.slice();
    const hello = openAtDevice(parties, bytes);
    bytes.fill(0);
    const reply = hello.ok ? hello.value.reply({ type: 'retry' }).bytes : new Uint8Array(0);
    expect(fresh.openReply(reply).ok).toBe(true);
  });
});

describe('openReply', () => {
  it('refuses a reply with any one bit flipped, and opens the true one after all of them', () => {
    const seal = buildHello(parties);
    const { bytes } = openedHello(parties, seal).reply({ type: 'retry' });
    for (const changed of withOneBitFlipped(bytes)) expect(seal.openReply(changed).ok).toBe(false);
    expect(seal.openReply(bytes).ok).toBe(true);
  });

  it('refuses a reply that is cut or extended anywhere', () => {
    const seal = buildHello(parties);
    const { bytes } = openedHello(parties, seal).reply({ type: 'retry' });
    for (let length = 0; length < bytes.length; length += 1) {
      expect(seal.openReply(bytes.slice(0, length)).ok).toBe(false);
    }
    expect(seal.openReply(Uint8Array.from([...bytes, 0])).ok).toBe(false);
    expect(seal.openReply(new Uint8Array(limits.signalingMessageMaxBytes + 1).fill(2))).toEqual({
      ok: false,
      error: 'too-large',
    });
  });

  it('refuses the reply to another hello of the same viewer and sid', () => {
    const seal = buildHello(parties);
    const { bytes } = openedHello(parties, buildHello(parties)).reply({ type: 'retry' });
    expect(seal.openReply(bytes)).toEqual({ ok: false, error: 'not-authentic' });
  });

  it('refuses the reply of a device that only knows the viewer', () => {
    const seal = buildHello(parties);
    const impostor = { ...parties, device: parties.dh.generateKeyPair() };
    const { bytes } = openedHello(impostor, buildHello(impostor)).reply({ type: 'retry' });
    expect(seal.openReply(bytes)).toEqual({ ok: false, error: 'not-authentic' });
  });

  it('refuses its own hello sent back', () => {
    const seal = buildHello(parties);
    expect(seal.openReply(seal.bytes)).toEqual({ ok: false, error: 'wrong-kind' });
    const disguised = seal.bytes.slice(17);
    expect(seal.openReply(Uint8Array.from([frameKind.reply, ...disguised])).ok).toBe(false);
  });

  it('takes the first true reply and no second', () => {
    const seal = buildHello(parties);
    const first = openedHello(parties, seal).reply({ type: 'offer' });
    const second = openedHello(parties, seal).reply({ type: 'error' });
    expect(seal.openReply(first.bytes).ok).toBe(true);
    expect(seal.openReply(second.bytes).ok).toBe(false);
    expect(seal.openReply(first.bytes).ok).toBe(false);
  });

  it('refuses a transport message that comes before the reply', () => {
    const seal = buildHello(parties);
    const { channel } = openedHello(parties, seal).reply({ type: 'retry' });
    expect(seal.openReply(channel.seal({ type: 'bye' }))).toEqual({ ok: false, error: 'wrong-kind' });
  });
});

describe('random bytes', () => {
  it('never throw, wherever they arrive', () => {
    const seal = buildHello(parties);
    const channels = shakeHands(parties);
    const kind = fc.constantFrom(frameKind.hello, frameKind.reply, frameKind.transport, 0);
    const bytes = fc.uint8Array({ maxLength: 400 });
    fc.assert(
      fc.property(kind, bytes, (first, rest) => {
        const message = Uint8Array.from([first, ...rest]);
        expect(openAtDevice(parties, message).ok).toBe(false);
        expect(seal.openReply(message).ok).toBe(false);
        expect(channels.device.open(message).ok).toBe(false);
        expect(channels.viewer.open(message).ok).toBe(false);
      }),
      { numRuns: 300 },
    );
  });
});
