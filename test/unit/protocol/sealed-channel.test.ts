import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limits } from '../../../protocol/limits.ts';
import { CipherState, NoiseError } from '../../../protocol/noise.ts';
import { encodePayload, frameKind, parsePayload, SealedChannel, tryNoise } from '../../../protocol/sealed-channel.ts';
import { buildParties, shakeHands, withOneBitFlipped } from '../../helpers/protocol-handshake.ts';

const parties = buildParties();

/** Seals `count` messages, numbered from 0, each with its number as payload. */
function sealSeries(channel: SealedChannel, count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, number) => channel.seal({ number }));
}

describe('SealedChannel', () => {
  it('carries any JSON object in both directions', () => {
    const { device, viewer } = shakeHands(parties);
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.oneof(fc.string(), fc.integer(), fc.boolean())), (message) => {
        const expected = JSON.parse(JSON.stringify(message));
        expect(device.open(viewer.seal(message))).toEqual({ ok: true, value: expected });
        expect(viewer.open(device.seal(message))).toEqual({ ok: true, value: expected });
      }),
    );
  });

  it('refuses a message with any one bit flipped, and takes the true one afterwards', () => {
    const { device, viewer } = shakeHands(parties);
    const bytes = viewer.seal({ type: 'bye', code: 'shutdown' });
    for (const changed of withOneBitFlipped(bytes)) expect(device.open(changed).ok).toBe(false);
    expect(device.open(bytes).ok).toBe(true);
  });

  it('refuses a message that is cut or extended anywhere', () => {
    const { device, viewer } = shakeHands(parties);
    const bytes = viewer.seal({ type: 'bye' });
    for (let length = 0; length < bytes.length; length += 1) {
      expect(device.open(bytes.slice(0, length)).ok).toBe(false);
    }
    expect(device.open(Uint8Array.from([...bytes, 0]))).toEqual({ ok: false, error: 'not-authentic' });
    expect(device.open(new Uint8Array(limits.signalingMessageMaxBytes + 1).fill(frameKind.transport))).toEqual({
      ok: false,
      error: 'too-large',
    });
  });

  it('refuses its own messages sent back', () => {
    const { device, viewer } = shakeHands(parties);
    expect(viewer.open(viewer.seal({ type: 'bye' }))).toEqual({ ok: false, error: 'not-authentic' });
    expect(device.open(device.seal({ type: 'bye' }))).toEqual({ ok: false, error: 'not-authentic' });
  });

  it('refuses the messages of another session of the same two sides', () => {
    const one = shakeHands(parties);
    const other = shakeHands(parties);
    expect(one.device.open(other.viewer.seal({ type: 'bye' }))).toEqual({ ok: false, error: 'not-authentic' });
  });

  it('refuses a message under another counter than its own', () => {
    const { device, viewer } = shakeHands(parties);
    const bytes = viewer.seal({ type: 'bye' });
    new DataView(bytes.buffer).setUint32(1, 1);
    expect(device.open(bytes)).toEqual({ ok: false, error: 'not-authentic' });
  });

  it('never puts two messages under the same counter', () => {
    const { viewer } = shakeHands(parties);
    expect(() => viewer.seal({ text: 'x'.repeat(limits.signalingPayloadMaxBytes) })).toThrow(RangeError);
    const headers = sealSeries(viewer, 50).map((bytes) => Buffer.from(bytes.subarray(0, 5)).toString('hex'));
    expect(new Set(headers).size).toBe(50);
  });

  it('ends when its counters are used up', () => {
    const cipher = new CipherState(new Uint8Array(32));
    const channel = new SealedChannel({ send: cipher, receive: cipher, handshakeHash: new Uint8Array(32) });
    Object.assign(channel, { sendCounter: 2 ** 32 - 1 });
    expect([...channel.seal({}).subarray(0, 5)]).toEqual([3, 255, 255, 255, 255]);
    expect(() => channel.seal({})).toThrow(NoiseError);
    expect(() => channel.seal({})).toThrow(NoiseError);
  });

  it('is right about a message that lies in the middle of a larger buffer', () => {
    const { device, viewer } = shakeHands(parties);
    sealSeries(viewer, 3);
    const bytes = viewer.seal({ type: 'bye' });
    const buffer = new Uint8Array(bytes.length + 20);
    buffer.set(bytes, 9);
    expect(device.open(buffer.subarray(9, 9 + bytes.length)).ok).toBe(true);
  });
});

describe('replay', () => {
  it('accepts each message once', () => {
    const { device, viewer } = shakeHands(parties);
    const series = sealSeries(viewer, 5);
    for (const bytes of series) expect(device.open(bytes).ok).toBe(true);
    for (const bytes of series) expect(device.open(bytes)).toEqual({ ok: false, error: 'replayed' });
  });

  it('accepts what is up to 63 behind the newest, and refuses what is older', () => {
    const { device, viewer } = shakeHands(parties);
    const series = sealSeries(viewer, 100);
    expect(device.open(series[99]!).ok).toBe(true);
    expect(device.open(series[36]!).ok).toBe(true);
    expect(device.open(series[35]!)).toEqual({ ok: false, error: 'replayed' });
  });

  it('goes on after any number of lost messages', () => {
    const { device, viewer } = shakeHands(parties);
    const series = sealSeries(viewer, 300);
    for (const number of [0, 63, 64, 128, 299, 298, 236]) expect(device.open(series[number]!).ok).toBe(true);
    for (const number of [0, 63, 235, 299, 298, 236]) expect(device.open(series[number]!).ok).toBe(false);
  });

  it('does as an endless memory of counters would, within the window', () => {
    const bytesCount = 200;
    fc.assert(
      fc.property(fc.array(fc.nat(bytesCount - 1), { maxLength: 300 }), (order) => {
        const { device, viewer } = buildCheapChannels();
        const series = sealSeries(viewer, bytesCount);
        const seen = new Set<number>();
        for (const number of order) {
          const isExpected = !seen.has(number) && number > Math.max(-1, ...seen) - 64;
          expect(device.open(series[number]!).ok).toBe(isExpected);
          if (isExpected) seen.add(number);
        }
      }),
      { numRuns: 25 },
    );
  });

  it('is not moved ahead by a forgery', () => {
    const { device, viewer } = shakeHands(parties);
    const [first, second] = sealSeries(viewer, 2);
    const forged = second!.slice();
    new DataView(forged.buffer).setUint32(1, 0xffffffff);
    expect(device.open(forged)).toEqual({ ok: false, error: 'not-authentic' });
    expect(device.open(first!).ok).toBe(true);
  });

  it('holds for a message that is authentic but no JSON', () => {
    const cipher = new CipherState(new Uint8Array(32));
    const channel = new SealedChannel({ send: cipher, receive: cipher, handshakeHash: new Uint8Array(32) });
    const header = Uint8Array.of(frameKind.transport, 0, 0, 0, 0);
    const bytes = Uint8Array.from([...header, ...cipher.encrypt(0, header, Uint8Array.of(0x7b))]);
    expect(channel.open(bytes)).toEqual({ ok: false, error: 'not-json' });
    expect(channel.open(bytes)).toEqual({ ok: false, error: 'replayed' });
  });
});

describe('payloads', () => {
  it('round-trip up to the limit', () => {
    const longest = ['é'.repeat(limits.signalingPayloadMaxBytes / 2 - 2)];
    const bytes = encodePayload(longest);
    expect(bytes.length).toBe(limits.signalingPayloadMaxBytes);
    expect(parsePayload(bytes)).toEqual({ ok: true, value: longest });
    expect(() => encodePayload([`${longest[0]}e`])).toThrow(RangeError);
  });

  it('are refused with the reason that fits', () => {
    expect(parsePayload(new Uint8Array(limits.signalingPayloadMaxBytes + 1))).toEqual({
      ok: false,
      error: 'too-large',
    });
    expect(parsePayload(Uint8Array.of(0xff))).toEqual({ ok: false, error: 'not-json' });
    expect(parsePayload(new Uint8Array(0))).toEqual({ ok: false, error: 'not-json' });
  });
});

describe('tryNoise', () => {
  it('lets go of errors that are defects of our own', () => {
    const defect = new TypeError('ours');
    expect(() =>
      tryNoise(() => {
        throw defect;
      }),
    ).toThrow(defect);
  });
});

/** Two ends with given keys: without the price of a handshake. */
function buildCheapChannels() {
  const [one, other] = [new CipherState(new Uint8Array(32).fill(1)), new CipherState(new Uint8Array(32).fill(2))];
  const handshakeHash = new Uint8Array(32);
  return {
    viewer: new SealedChannel({ send: one, receive: other, handshakeHash }),
    device: new SealedChannel({ send: other, receive: one, handshakeHash }),
  };
}
