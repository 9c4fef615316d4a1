import { nodeDiffieHellman } from '../../agent/access/node-diffie-hellman.ts';
import type { KeyPair } from '../../protocol/identity.ts';
import type { DiffieHellman } from '../../protocol/noise.ts';
import type { SealedChannel } from '../../protocol/sealed-channel.ts';
import { HelloSeal, type OpenedHello, openHello } from '../../protocol/sealing.ts';

/** The two sides of one handshake, with keys of their own. */
export interface Parties {
  dh: DiffieHellman;
  device: KeyPair;
  viewer: KeyPair;
  sid: string;
}

export const sid = 'AAECAwQFBgcICQoLDA0ODw';
export const otherSid = 'Dw4NDAsKCQgHBgUEAwIBAA';

export function buildParties(dh: DiffieHellman = nodeDiffieHellman): Parties {
  return { dh, device: dh.generateKeyPair(), viewer: dh.generateKeyPair(), sid };
}

export function buildHello(parties: Parties, hello: object = { type: 'hello' }): HelloSeal {
  const { dh, viewer, device } = parties;
  return new HelloSeal({ dh, viewerKeys: viewer, devicePublicKey: device.publicKey, sid: parties.sid, hello });
}

export function openAtDevice(parties: Parties, bytes: Uint8Array, admit?: () => boolean) {
  return openHello({ dh: parties.dh, deviceKeys: parties.device, sid: parties.sid, admit }, bytes);
}

/** @throws when the device does not open it */
export function openedHello(parties: Parties, seal: HelloSeal): OpenedHello {
  const opened = openAtDevice(parties, seal.bytes);
  if (!opened.ok) throw new Error(`the hello was refused: ${opened.error}`);
  return opened.value;
}

export interface Channels {
  device: SealedChannel;
  viewer: SealedChannel;
}

/** A whole handshake, up to the two ends of the sealed channel. */
export function shakeHands(parties = buildParties()): Channels {
  const seal = buildHello(parties);
  const { bytes, channel } = openedHello(parties, seal).reply({ type: 'retry' });
  const reply = seal.openReply(bytes);
  if (!reply.ok) throw new Error(`the reply was refused: ${reply.error}`);
  return { device: channel, viewer: reply.value.channel };
}

/** Every message that differs from `bytes` in one bit. */
export function* withOneBitFlipped(bytes: Uint8Array): Generator<Uint8Array> {
  for (let bit = 0; bit < bytes.length * 8; bit += 1) {
    const changed = bytes.slice();
    changed[bit >> 3]! ^= 1 << (bit & 7);
    yield changed;
  }
}
