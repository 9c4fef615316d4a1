import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { nodeDiffieHellman } from '../../../../agent/access/node-diffie-hellman.ts';
import { limits } from '../../../../protocol/limits.ts';
import type { Reply } from '../../../../protocol/messages.ts';
import { performHandshake } from '../../../../viewer/client/handshake.ts';
import { FakeDevice, fakeEpoch, fakeOffer } from '../../../fakes/fake-device.ts';
import { FakeSignaling } from '../../../fakes/fake-signaling.ts';

let signaling: FakeSignaling;
let device: FakeDevice;
let aborter: AbortController;
const received: Uint8Array[] = [];

beforeEach(() => {
  vi.useFakeTimers();
  signaling = new FakeSignaling();
  signaling.status = { online: true, epoch: fakeEpoch, v: 1 };
  device = new FakeDevice(signaling);
  aborter = new AbortController();
  received.length = 0;
});
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

function shake() {
  return performHandshake({
    signaling,
    viewerKeys: nodeDiffieHellman.generateKeyPair(),
    devicePublicKey: device.keys.publicKey,
    hello: { invite: 'A'.repeat(22), codecs: ['h264'], want: { audio: false } },
    onMessage: (bytes) => received.push(bytes),
    signal: aborter.signal,
  });
}

/** The error of a handshake, and how long it took. */
async function failureOf(handshake: Promise<unknown>): Promise<{ code: string; afterMs: number }> {
  const startedAtMs = performance.now();
  const failed = handshake.then(
    () => ({ code: 'none', afterMs: 0 }),
    (error) => ({ code: error.code as string, afterMs: performance.now() - startedAtMs }),
  );
  await vi.runAllTimersAsync();
  expect(signaling.routeCount).toBe(0);
  return failed;
}

describe('performHandshake', () => {
  it('says hello with the epoch of the status and returns the offer', async () => {
    const { offer, channel, route, helloSentAtMs } = await shake();
    expect(device.hellos).toEqual([
      { type: 'hello', epoch: fakeEpoch, invite: 'A'.repeat(22), codecs: ['h264'], want: { audio: false } },
    ]);
    expect(offer).toEqual(fakeOffer);
    expect(helloSentAtMs).toBe(performance.now());
    route.send(channel.seal({ type: 'bye', code: 'closed-by-peer' }), 'at-least-once');
    expect(device.received).toEqual([{ type: 'bye', code: 'closed-by-peer' }]);
  });

  it('hands on what follows the offer', async () => {
    await shake();
    device.say({ type: 'bye', code: 'shutdown' });
    expect(received).toHaveLength(1);
  });

  it('waits a moment for the status, and goes on without it', async () => {
    signaling.status = null;
    const handshake = shake();
    await vi.advanceTimersByTimeAsync(199);
    expect(device.hellos).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    await handshake;
    expect(device.hellos[0]?.epoch).toBe('');
    expect(signaling.listenerCount).toBe(0);
  });

  it('goes on as soon as the status is there', async () => {
    signaling.status = null;
    const handshake = shake();
    await vi.advanceTimersByTimeAsync(10);
    signaling.publishStatus({ online: true, epoch: fakeEpoch, v: 1 });
    await handshake;
    expect(device.hellos[0]?.epoch).toBe(fakeEpoch);
  });

  it('follows the device to its current epoch, under another sid', async () => {
    const current = Buffer.alloc(16, 8).toString('base64url');
    device.answer = ({ epoch }) => (epoch === current ? fakeOffer : { type: 'retry', epoch: current });
    await shake();
    expect(device.hellos.map(({ epoch }) => epoch)).toEqual([fakeEpoch, current]);
    expect(new Set(signaling.sent.map(({ sid }) => sid)).size).toBe(2);
    expect(signaling.routeCount).toBe(1);
  });

  it('does not follow for ever', async () => {
    device.answer = () => ({ type: 'retry', epoch: fakeEpoch });
    expect(await failureOf(shake())).toMatchObject({ code: 'device-silent' });
    expect(device.hellos).toHaveLength(3);
  });

  it('repeats the same bytes after 1, 2 and 4 s while there is no answer', async () => {
    const sentAtMs: number[] = [];
    const startedAtMs = performance.now();
    device.answer = () => {
      sentAtMs.push(performance.now() - startedAtMs);
      return null;
    };
    expect(await failureOf(shake())).toEqual({ code: 'device-silent', afterMs: 10_000 });
    const [first, second, third] = limits.helloRetryMs;
    expect(sentAtMs).toEqual([0, first, first + second, first + second + third]);
    expect(new Set(signaling.sent.map(({ bytes }) => Buffer.from(bytes).toString('hex'))).size).toBe(1);
  });

  it('still asks a device that its status calls offline, but not for long', async () => {
    signaling.status = { online: false };
    device.answer = () => null;
    expect(await failureOf(shake())).toEqual({ code: 'device-offline', afterMs: 2_500 });
    signaling.status = { online: false };
    device.answer = () => fakeOffer;
    expect((await shake()).offer).toEqual(fakeOffer);
  });

  it('does not wait long for a device that goes offline meanwhile', async () => {
    device.answer = () => null;
    const failed = failureOf(shake());
    signaling.publishStatus({ online: false });
    expect(await failed).toEqual({ code: 'device-offline', afterMs: 2_500 });
    expect(signaling.listenerCount).toBe(0);
  });

  it('waits on for a device that is back before it is given up', async () => {
    signaling.status = { online: false };
    device.answer = () => null;
    const failed = failureOf(shake());
    await Promise.resolve();
    signaling.publishStatus({ online: true, epoch: fakeEpoch, v: 1 });
    expect(await failed).toEqual({ code: 'device-silent', afterMs: 10_000 });
  });

  it('takes the true answer after forged ones', async () => {
    device.answer = () => {
      device.forge(Uint8Array.of(2, ...new Uint8Array(200)));
      device.forge(Uint8Array.of(9));
      return fakeOffer;
    };
    expect((await shake()).offer).toEqual(fakeOffer);
  });

  it('says so when there were forged answers alone', async () => {
    device.answer = () => {
      device.forge(Uint8Array.of(2, ...new Uint8Array(200)));
      return null;
    };
    expect(await failureOf(shake())).toMatchObject({ code: 'seal-broken' });
  });

  it('cannot be answered by another device', async () => {
    const impostor = new FakeDevice(signaling);
    signaling.onSent = (sid) =>
      signaling.deliver(sid, Uint8Array.of(2, ...impostor.keys.publicKey, ...new Uint8Array(99)));
    expect(await failureOf(shake())).toMatchObject({ code: 'seal-broken' });
  });

  it.each(['unauthorised', 'busy', 'no-camera'] as const)('passes on the code of the device: %s', async (code) => {
    device.answer = () => ({ type: 'error', code });
    expect(await failureOf(shake())).toEqual({ code, afterMs: 0 });
  });

  it('calls an answer malformed that is not of this protocol', async () => {
    device.answer = () => ({ type: 'welcome' }) as unknown as Reply;
    expect(await failureOf(shake())).toMatchObject({ code: 'malformed' });
  });

  it('stops at once when nobody wants it any more', async () => {
    device.answer = () => null;
    const failed = failureOf(shake());
    aborter.abort();
    expect(await failed).toEqual({ code: 'closed-by-peer', afterMs: 0 });
    expect(device.hellos.length).toBeLessThanOrEqual(1);
  });

  it('does not wait for a broker that does not answer the subscription', async () => {
    signaling.holdsRoutes = true;
    expect(await failureOf(shake())).toEqual({ code: 'broker-unreachable', afterMs: 10_000 });
    const failed = failureOf(shake());
    aborter.abort();
    expect(await failed).toEqual({ code: 'closed-by-peer', afterMs: 0 });
    signaling.releaseRoutes();
    await vi.advanceTimersByTimeAsync(0);
    expect(signaling.routeCount).toBe(0);
    expect(signaling.sent).toEqual([]);
  });
});
