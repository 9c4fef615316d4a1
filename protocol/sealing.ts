import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concatBytes } from '@noble/hashes/utils.js';
import { encodeUtf8 } from './bytes.ts';
import { deriveId, type KeyPair } from './identity.ts';
import { limits } from './limits.ts';
import { type DiffieHellman, NoiseInitiator, NoiseResponder } from './noise.ts';
import { failure, type Result, success } from './result.ts';
import { encodePayload, frameKind, parsePayload, type SealError, SealedChannel, tryNoise } from './sealed-channel.ts';

/**
 * In front of the Noise message of a hello stands a tag that only somebody who knows the device's public key can make. The
 * key travels in links alone, never over the broker, so that a flood from strangers is refused at the price of one hash, a
 * tenth of a Diffie-Hellman operation. It adds nothing to the security of the handshake itself.
 */
const tagLengthBytes = 16;
/** The tag covers the sid and the two keys at the start of the message; the rest is under the seal. */
const taggedLengthBytes = 80;

/** A handshake that the device has read and may answer once. */
export interface OpenedHello {
  viewerId: string;
  /** The JSON value of the hello, not yet checked against a schema. */
  payload: unknown;
  /** @throws NoiseError when called twice */
  reply(message: object): { bytes: Uint8Array; channel: SealedChannel };
}

export interface OpenHelloOptions {
  dh: DiffieHellman;
  deviceKeys: KeyPair;
  sid: string;
  /**
   * Asked half-way, when it is known who claims to speak; false drops the hello as `rate-limited`. It lets the device keep
   * those it knows apart from a crowd of others.
   */
  admit?(claimedViewerId: string): boolean;
}

/** Opens the first message of a handshake on the device. */
export function openHello(options: OpenHelloOptions, bytes: Uint8Array): Result<OpenedHello, SealError> {
  if (bytes.length > limits.signalingMessageMaxBytes) return failure('too-large');
  if (bytes[0] !== frameKind.hello) return failure('wrong-kind');
  const message = bytes.subarray(1 + tagLengthBytes);
  const tag = buildTag(options.deviceKeys.publicKey, options.sid, message);
  if (!areEqual(tag, bytes.subarray(1, 1 + tagLengthBytes))) return failure('not-authentic');
  const noise = new NoiseResponder({
    dh: options.dh,
    staticKeys: options.deviceKeys,
    prologue: buildPrologue(options.deviceKeys.publicKey, options.sid),
  });
  const admit = (claimedStatic: Uint8Array) => options.admit?.(deriveId(claimedStatic)) ?? true;
  const read = tryNoise(() => noise.readMessage(message, admit));
  if (!read.ok) return read;
  const payload = parsePayload(read.value.payload);
  if (!payload.ok) return payload;
  return success({
    viewerId: deriveId(read.value.remoteStatic),
    payload: payload.value,
    reply(message) {
      const written = noise.writeMessage(encodePayload(message));
      return { bytes: withKind(frameKind.reply, written.message), channel: new SealedChannel(written.transport) };
    },
  });
}

/** The viewer's side of one handshake with a device whose key it has pinned. */
export class HelloSeal {
  /** The first message, ready to be sent, and sent again unchanged while no reply comes. */
  readonly bytes: Uint8Array;
  private readonly noise: NoiseInitiator;

  constructor(options: {
    dh: DiffieHellman;
    viewerKeys: KeyPair;
    devicePublicKey: Uint8Array;
    sid: string;
    hello: object;
  }) {
    this.noise = new NoiseInitiator({
      dh: options.dh,
      staticKeys: options.viewerKeys,
      remoteStatic: options.devicePublicKey,
      prologue: buildPrologue(options.devicePublicKey, options.sid),
    });
    const message = this.noise.writeMessage(encodePayload(options.hello));
    const tag = buildTag(options.devicePublicKey, options.sid, message);
    this.bytes = withKind(frameKind.hello, concatBytes(tag, message));
  }

  /**
   * Opens the device's reply, once. Forgeries are refused and the true reply may still follow, so that whoever else can write
   * to the topic cannot end an attempt.
   */
  openReply(bytes: Uint8Array): Result<{ payload: unknown; channel: SealedChannel }, SealError> {
    if (bytes.length > limits.signalingMessageMaxBytes) return failure('too-large');
    if (bytes[0] !== frameKind.reply) return failure('wrong-kind');
    const read = tryNoise(() => this.noise.readMessage(bytes.subarray(1)));
    if (!read.ok) return read;
    const payload = parsePayload(read.value.payload);
    if (!payload.ok) return payload;
    return success({ payload: payload.value, channel: new SealedChannel(read.value.transport) });
  }
}

// Binds the handshake to this protocol, this device and this topic: a message moved to another sid does not open.
function buildPrologue(devicePublicKey: Uint8Array, sid: string): Uint8Array {
  return encodeUtf8(`porthole/1${deriveId(devicePublicKey)}${sid}`);
}

function buildTag(devicePublicKey: Uint8Array, sid: string, message: Uint8Array): Uint8Array {
  const key = sha256(concatBytes(encodeUtf8('porthole/1/hello'), devicePublicKey));
  const tagged = concatBytes(encodeUtf8(sid), message.subarray(0, taggedLengthBytes));
  return hmac(sha256, key, tagged).subarray(0, tagLengthBytes);
}

function areEqual(one: Uint8Array, other: Uint8Array): boolean {
  let difference = one.length ^ other.length;
  for (let at = 0; at < one.length; at += 1) difference |= (one[at] ?? 0) ^ (other[at] ?? 0);
  return difference === 0;
}

function withKind(kind: number, message: Uint8Array): Uint8Array {
  return concatBytes(Uint8Array.of(kind), message);
}
