import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { nodeDiffieHellman } from '../../../../agent/access/node-diffie-hellman.ts';
import { PortholeClient, type PortholeClientOptions } from '../../../../viewer/client/porthole-client.ts';
import { FakeDevice, fakeEpoch, fakeOffer } from '../../../fakes/fake-device.ts';
import { FakeSignaling } from '../../../fakes/fake-signaling.ts';
import { FakeViewerPlatform } from '../../../fakes/fake-viewer-platform.ts';

let signaling: FakeSignaling;
let device: FakeDevice;
let platform: FakeViewerPlatform;
let client: PortholeClient;

beforeEach(() => {
  vi.useFakeTimers();
  signaling = new FakeSignaling();
  signaling.status = { online: true, epoch: fakeEpoch, v: 1 };
  device = new FakeDevice(signaling);
  platform = new FakeViewerPlatform();
  device.onMessage = ({ type }) => type === 'answer' && platform.last.connect();
  client = buildClient();
});
afterEach(async () => {
  await client.disconnect();
  expect(vi.getTimerCount()).toBe(0);
  expect(platform.microphonesOn).toBe(0);
  vi.useRealTimers();
});

function buildClient(options: Partial<PortholeClientOptions> = {}): PortholeClient {
  return new PortholeClient({
    link: { devicePublicKey: device.keys.publicKey, brokerUrl: 'ws://broker.example/mqtt' },
    keys: nodeDiffieHellman.generateKeyPair(),
    platform,
    signaling,
    ...options,
  });
}

async function connect(): Promise<void> {
  client.connect();
  await vi.advanceTimersByTimeAsync(0);
  expect(client.status).toEqual({ state: 'connected' });
}

/** The path dies, and the next session opens. */
async function loseSession(): Promise<void> {
  platform.last.channel('control').onclose();
  await vi.advanceTimersByTimeAsync(0);
}

/** The device answers the calls of the latest session; those that are named it refuses. */
function answerCalls(...refused: string[]): string[] {
  const asked: string[] = [];
  const rpc = platform.last.channel('rpc');
  rpc.onSent = (text) => {
    const { id, method, params } = JSON.parse(text);
    asked.push([method, ...Object.values(params)].join(' '));
    const outcome = refused.includes(method)
      ? { error: { code: -32005, message: 'Anna is talking.' } }
      : { result: params };
    queueMicrotask(() => rpc.onmessage({ data: JSON.stringify({ jsonrpc: '2.0', id, ...outcome }) }));
  };
  return asked;
}

/** As {@link answerCalls}, for the session that comes next. */
function answerNext(...refused: string[]): { asked: string[] } {
  const next = { asked: [] as string[] };
  device.onMessage = ({ type }) => {
    if (type !== 'answer') return;
    for (const label of ['rpc', 'control', 'bulk']) {
      platform.last.openChannel(label);
      if (label === 'rpc') next.asked = answerCalls(...refused);
    }
  };
  return next;
}

describe('choices in the next session', () => {
  it('asks for the chosen camera and the pinned quality', async () => {
    await connect();
    answerCalls();
    await client.selectCamera('cam1');
    await client.setQuality('half');
    const next = answerNext();
    await loseSession();
    expect(device.hellos.map(({ want }) => want.cameras)).toEqual([undefined, ['cam1']]);
    expect([next.asked, client.quality]).toEqual([['video.quality half'], 'half']);
  });

  it('keeps the other cameras of several', async () => {
    client = buildClient({ cameras: ['cam0', 'cam2'] });
    await connect();
    answerCalls();
    await client.selectCamera('cam1');
    await loseSession();
    expect(device.hellos.at(-1)?.want.cameras).toEqual(['cam1', 'cam2']);
  });

  it('begins with the quality that it is given', async () => {
    client = buildClient({ quality: 'quarter' });
    const next = answerNext();
    await connect();
    expect(next.asked).toEqual(['video.quality quarter']);
  });

  it('does not ask again for what was refused', async () => {
    await connect();
    answerCalls('camera.select', 'video.quality');
    await expect(client.selectCamera('cam1')).rejects.toMatchObject({ code: 'unavailable' });
    await expect(client.setQuality('half')).rejects.toMatchObject({ code: 'unavailable' });
    const next = answerNext();
    await loseSession();
    expect([device.hellos.at(-1)?.want.cameras, next.asked, client.quality]).toEqual([undefined, [], 'auto']);
  });

  it('goes back to the cameras of the beginning when the device has the chosen one no more', async () => {
    await connect();
    answerCalls();
    await client.selectCamera('cam1');
    device.answer = ({ want }) => (want.cameras ? { type: 'error', code: 'no-camera' } : fakeOffer);
    await loseSession();
    expect(client.status).toEqual({ state: 'connected' });
    expect(client.lines).toEqual([{ mid: 'video0', camera: 'cam0', shown: 'cam0' }]);
  });

  it('tells which camera is chosen and which one flows, also when the command was called by name', async () => {
    const lines = vi.fn();
    await connect();
    answerCalls();
    client.events.on('lines', lines);
    await client.call('camera.select', { camera: 'cam1' });
    expect(lines).toHaveBeenLastCalledWith([{ mid: 'video0', camera: 'cam1', shown: 'cam0' }]);
    const params = { mid: 'video0', camera: 'cam1', rendition: 'top', targetKbps: 2_000, reason: 'start' };
    platform.last
      .channel('rpc')
      .onmessage({ data: JSON.stringify({ jsonrpc: '2.0', method: 'event.quality', params }) });
    expect(lines).toHaveBeenLastCalledWith([{ mid: 'video0', camera: 'cam1', shown: 'cam1' }]);
  });
});

describe('listening', () => {
  beforeEach(() => {
    device.answer = () => ({ ...fakeOffer, audio: { mid: 'audio', sound: true, talk: false } });
  });

  it('is asked of each session, from the moment it was wished for', async () => {
    await client.setListening(true);
    let next = answerNext();
    await connect();
    expect(next.asked).toEqual(['audio.listen true']);
    next = answerNext();
    await loseSession();
    expect(next.asked).toEqual(['audio.listen true']);
    await client.setListening(false);
    expect(next.asked).toEqual(['audio.listen true', 'audio.listen false']);
    next = answerNext();
    await loseSession();
    expect([next.asked, client.isListening]).toEqual([[], false]);
  });

  it('is not asked of a device without sound, but of the next session that has some', async () => {
    device.answer = () => fakeOffer;
    await connect();
    const asked = answerCalls();
    await client.setListening(true);
    expect(asked).toEqual([]);
    device.answer = () => ({ ...fakeOffer, audio: { mid: 'audio', sound: true, talk: false } });
    const next = answerNext();
    await loseSession();
    expect(next.asked).toEqual(['audio.listen true']);
  });

  it('is not asked again after it was refused', async () => {
    await connect();
    answerCalls('audio.listen');
    await expect(client.setListening(true)).rejects.toMatchObject({ code: 'unavailable' });
    const next = answerNext();
    await loseSession();
    expect([next.asked, client.isListening]).toEqual([[], false]);
  });

  it('is asked again where the session ended before the answer', async () => {
    await connect();
    const listening = client.setListening(true);
    const next = answerNext();
    await loseSession();
    await listening;
    expect([next.asked, client.isListening]).toEqual([['audio.listen true'], true]);
  });
});

describe('talking across sessions', () => {
  const talk = vi.fn();

  beforeEach(async () => {
    talk.mockClear();
    device.answer = () => ({ ...fakeOffer, audio: { mid: 'audio', sound: false, talk: true } });
    client.events.on('talk', talk);
    await connect();
    answerCalls();
    await client.startTalk();
  });

  it('goes on in the next session', async () => {
    const next = answerNext();
    await loseSession();
    expect(next.asked).toEqual(['talk.take']);
    expect(talk).toHaveBeenCalledExactlyOnceWith({ isHeard: true, error: null });
    expect(platform.microphonesOn).toBe(1);
  });

  it('does not when the person has let go in between', async () => {
    device.onMessage = () => {};
    await loseSession();
    expect(platform.microphonesOn).toBe(0);
    await client.stopTalk();
    platform.last.connect();
    await vi.advanceTimersByTimeAsync(0);
    expect(talk).not.toHaveBeenCalled();
    expect(platform.microphonesOn).toBe(0);
  });

  it('does not when somebody else has the floor by then, and says so', async () => {
    answerNext('talk.take');
    await loseSession();
    expect(talk).toHaveBeenCalledExactlyOnceWith({
      isHeard: false,
      error: expect.objectContaining({ message: 'Anna is talking.' }),
    });
    expect(platform.microphonesOn).toBe(0);
  });

  it('does not after a long break: nobody expects to be heard again by then', async () => {
    const next = answerNext();
    signaling.status = { online: false };
    device.answer = () => null;
    await loseSession();
    await vi.advanceTimersByTimeAsync(12_000);
    device.answer = () => ({ ...fakeOffer, audio: { mid: 'audio', sound: false, talk: true } });
    await vi.advanceTimersByTimeAsync(20_000);
    expect(client.status).toEqual({ state: 'connected' });
    expect(next.asked).toEqual([]);
    expect(talk).toHaveBeenCalledExactlyOnceWith({ isHeard: false, error: null });
  });
});
