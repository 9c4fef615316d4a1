import { concatBytes } from '@noble/hashes/utils.js';
import { encodeUtf8 } from './bytes.ts';
import { deriveId, type KeyPair } from './identity.ts';
import { limits } from './limits.ts';
import { type DiffieHellman, NoiseInitiator, NoiseResponder } from './noise.ts';
import { failure, type Result, success } from './result.ts';
import { encodePayload, frameKind, parsePayload, type SealError, SealedChannel, tryNoise } from './sealed-channel.ts';

/** A handshake that the device has read and may answer once. */
export interface OpenedHello {
  viewerId: string;
  /** The viewer's ephemeral key: unlike any other handshake's, so that it names this one in the replay cache. */
  handshakeKey: Uint8Array;
  /** The JSON value of the hello, not yet checked against a schema. */
  payload: unknown;
  /** @throws NoiseError when called twice */
  reply(message: object): { bytes: Uint8Array; channel: SealedChannel };
}

/** Opens the first message of a handshake on the device. */
export function openHello(
  options: { dh: DiffieHellman; deviceKeys: KeyPair; sid: string },
  bytes: Uint8Array,
): Result<OpenedHello, SealError> {
  if (bytes.length > limits.signalingMessageMaxBytes) return failure('too-large');
  if (bytes[0] !== frameKind.hello) return failure('wrong-kind');
  const noise = new NoiseResponder({
    dh: options.dh,
    staticKeys: options.deviceKeys,
    prologue: buildPrologue(options.deviceKeys.publicKey, options.sid),
  });
  const read = tryNoise(() => noise.readMessage(bytes.subarray(1)));
  if (!read.ok) return read;
  const payload = parsePayload(read.value.payload);
  if (!payload.ok) return payload;
  return success({
    viewerId: deriveId(read.value.remoteStatic),
    handshakeKey: bytes.slice(1, 33),
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
    this.bytes = withKind(frameKind.hello, this.noise.writeMessage(encodePayload(options.hello)));
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

function withKind(kind: number, message: Uint8Array): Uint8Array {
  return concatBytes(Uint8Array.of(kind), message);
}
