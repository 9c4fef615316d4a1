import { concatBytes } from '@noble/hashes/utils.js';
import { encodeUtf8 } from './bytes.ts';
import { parseJson } from './json.ts';
import { limits } from './limits.ts';
import { NoiseError, type NoiseTransport } from './noise.ts';
import { failure, type Result, success } from './result.ts';

/**
 * First byte of every MQTT payload. Which kind is acceptable follows from the state of the receiver, so that a changed byte
 * is refused like any other.
 */
export const frameKind = { hello: 1, reply: 2, transport: 3 } as const;

/** Why a message was not opened. All of them mean: drop it. */
export type SealError =
  | 'wrong-kind'
  | 'too-large'
  | 'truncated'
  | 'not-authentic'
  | 'replayed'
  | 'not-json'
  | 'rate-limited';

const headerLengthBytes = 5;
const replayWindowBits = 64;

/**
 * The transport phase of a handshake. Messages may be lost or swapped on the way (candidates are sent with QoS 0), so
 * each carries its counter, as section 11.4 of the Noise specification describes, and each counter is accepted once.
 */
export class SealedChannel {
  private readonly transport: NoiseTransport;
  private sendCounter = 0;
  private highestReceived = -1;
  /** Bit k is set when counter `highestReceived - k` has been seen. */
  private receivedWindow = 0n;

  constructor(transport: NoiseTransport) {
    this.transport = transport;
  }

  /** @param message anything that JSON can hold, at most {@link limits.signalingPayloadMaxBytes} as UTF-8 */
  seal(message: object): Uint8Array {
    const header = new Uint8Array(headerLengthBytes);
    header[0] = frameKind.transport;
    new DataView(header.buffer).setUint32(1, this.sendCounter);
    return concatBytes(header, this.transport.send.encrypt(this.sendCounter++, header, encodePayload(message)));
  }

  /** @returns the JSON value inside, not yet checked against a schema */
  open(bytes: Uint8Array): Result<unknown, SealError> {
    if (bytes.length > limits.signalingMessageMaxBytes) return failure('too-large');
    if (bytes[0] !== frameKind.transport) return failure('wrong-kind');
    if (bytes.length < headerLengthBytes) return failure('truncated');
    const counter = new DataView(bytes.buffer, bytes.byteOffset).getUint32(1);
    if (this.wasReceived(counter)) return failure('replayed');
    const opened = tryNoise(() =>
      this.transport.receive.decrypt(counter, bytes.subarray(0, headerLengthBytes), bytes.subarray(headerLengthBytes)),
    );
    if (!opened.ok) return opened;
    // Only an authentic message moves the window; otherwise junk could push it ahead of the real ones.
    this.markReceived(counter);
    return parsePayload(opened.value);
  }

  private wasReceived(counter: number): boolean {
    const age = this.highestReceived - counter;
    if (age < 0) return false;
    return age >= replayWindowBits || ((this.receivedWindow >> BigInt(age)) & 1n) === 1n;
  }

  private markReceived(counter: number): void {
    const ahead = counter - this.highestReceived;
    if (ahead > 0) {
      const shifted = ahead >= replayWindowBits ? 0n : this.receivedWindow << BigInt(ahead);
      this.receivedWindow = BigInt.asUintN(replayWindowBits, shifted) | 1n;
      this.highestReceived = counter;
    } else {
      this.receivedWindow |= 1n << BigInt(-ahead);
    }
  }
}

/** @throws RangeError when the payload is over its bound: a defect on our own side */
export function encodePayload(message: object): Uint8Array {
  const payload = encodeUtf8(JSON.stringify(message));
  if (payload.length > limits.signalingPayloadMaxBytes) {
    throw new RangeError(`A signaling payload of ${payload.length} bytes is over the limit`);
  }
  return payload;
}

export function parsePayload(payload: Uint8Array): Result<unknown, SealError> {
  const parsed = parseJson(payload, { maxBytes: limits.signalingPayloadMaxBytes, maxDepth: limits.jsonMaxDepth });
  return parsed.ok ? parsed : failure(parsed.error === 'too-large' ? 'too-large' : 'not-json');
}

/** Turns the errors of the Noise layer into results; every other error is a defect and goes on. */
export function tryNoise<Value>(run: () => Value): Result<Value, SealError> {
  try {
    return success(run());
  } catch (error) {
    if (!(error instanceof NoiseError)) throw error;
    if (error.code === 'not-admitted') return failure('rate-limited');
    return failure(error.code === 'truncated' ? 'truncated' : 'not-authentic');
  }
}
