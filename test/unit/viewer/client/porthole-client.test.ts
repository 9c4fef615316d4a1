import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { nodeDiffieHellman } from '../../../../agent/access/node-diffie-hellman.ts';
import { SessionError } from '../../../../protocol/errors.ts';
import { limits } from '../../../../protocol/limits.ts';
import { PortholeClient, type PortholeClientOptions } from '../../../../viewer/client/porthole-client.ts';
import type { ViewerStatus } from '../../../../viewer/client/viewer-status.ts';
import { FakeDevice, fakeEpoch, fakeOffer } from '../../../fakes/fake-device.ts';
import { FakeSignaling } from '../../../fakes/fake-signaling.ts';
import { countersOf, FakeViewerPlatform, noLineCounters } from '../../../fakes/fake-viewer-platform.ts';

let signaling: FakeSignaling;
let device: FakeDevice;
let platform: FakeViewerPlatform;
let client: PortholeClient;
let statuses: ViewerStatus[];

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, 'random').mockReturnValue(0);
  signaling = new FakeSignaling();
  signaling.status = { online: true, epoch: fakeEpoch, v: 1 };
  device = new FakeDevice(signaling);
  platform = new FakeViewerPlatform();
  // The device takes the answer, and the path is up.
  device.onMessage = ({ type }) => type === 'answer' && platform.last.connect();
  client = buildClient();
});
afterEach(async () => {
  await client.disconnect();
  expect(vi.getTimerCount()).toBe(0);
  expect(platform.openConnections).toEqual([]);
  expect(platform.networkListeners.size).toBe(0);
  expect([signaling.isOpen, signaling.routeCount, signaling.listenerCount]).toEqual([false, 0, 0]);
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

function buildClient(options: Partial<PortholeClientOptions> = {}): PortholeClient {
  const built = new PortholeClient({
    link: { devicePublicKey: device.keys.publicKey, brokerUrl: 'ws://broker.example/mqtt', invite: 'A'.repeat(22) },
    keys: nodeDiffieHellman.generateKeyPair(),
    platform,
    label: 'Kitchen',
    signaling,
    ...options,
  });
  statuses = [];
  built.events.on('status', (status) => statuses.push(status));
  return built;
}

async function connect(): Promise<void> {
  client.connect();
  await vi.advanceTimersByTimeAsync(0);
  expect(client.status).toEqual({ state: 'connected' });
}

describe('PortholeClient, connecting', () => {
  it('goes through the steps to a session', async () => {
    const accepted = vi.fn();
    client.events.on('accepted', accepted);
    await connect();
    expect(statuses).toEqual([
      { state: 'connecting', step: 'broker' },
      { state: 'connecting', step: 'device' },
      { state: 'connecting', step: 'path' },
      { state: 'connected' },
    ]);
    expect(device.hellos[0]).toMatchObject({ label: 'Kitchen', codecs: ['h264', 'vp8'], want: {} });
    const { role, device: about, cameras } = fakeOffer;
    expect(accepted).toHaveBeenCalledExactlyOnceWith({ role, device: about, cameras, hasAudio: false, canTalk: false });
    expect(client.session).toEqual({ role, device: about, cameras, hasAudio: false, canTalk: false });
  });

  it('has one attempt, however often it is told to connect', async () => {
    client.connect();
    client.connect();
    await vi.advanceTimersByTimeAsync(0);
    client.connect();
    expect(device.hellos).toHaveLength(1);
  });

  it('hands on the picture of the camera that feeds the line', async () => {
    vi.stubGlobal('MediaStream', class {});
    const stream = vi.fn();
    client.events.on('stream', stream);
    await connect();
    platform.last.ontrack({ track: {}, transceiver: { mid: 'unheard of' } });
    platform.last.ontrack({ track: {}, transceiver: { mid: 'video0' } });
    expect(stream).toHaveBeenCalledExactlyOnceWith({ line: 0, camera: 'cam0', stream: expect.any(MediaStream) });
  });

  it('takes candidates of the device as far as the policy and the limit allow', async () => {
    await connect();
    const candidate = 'candidate:1 1 udp 2130706431 192.0.2.7 40000 typ host';
    device.say({ type: 'candidate', candidate: candidate.replace('192.0.2.7', 'host.example'), mid: '0' });
    expect(platform.last.candidates).toEqual([]);
    for (let port = 1; port <= 100; port += 1) {
      device.say({ type: 'candidate', candidate: candidate.replace('40000', String(port)), mid: '0' });
    }
    expect(platform.last.candidates).toHaveLength(limits.candidatesMaxCount);
  });

  it('sends its own candidates, without names that the device would have to resolve', async () => {
    await connect();
    const candidate = 'candidate:1 1 udp 2130706431 192.0.2.7 40000 typ host';
    platform.last.onicecandidate({ candidate: { candidate: candidate.replace('192.0.2.7', 'a.local'), sdpMid: '0' } });
    platform.last.onicecandidate({ candidate: { candidate, sdpMid: '0' } });
    platform.last.onicecandidate({ candidate: null });
    expect(device.received.slice(1)).toEqual([{ type: 'candidate', candidate, mid: '0' }]);
  });

  it('closes channels it does not know, or knows already', async () => {
    await connect();
    expect(platform.last.openChannel('shell').readyState).toBe('closed');
    expect(platform.last.openChannel('rpc').readyState).toBe('closed');
    expect(client.status).toEqual({ state: 'connected' });
  });
});

describe('PortholeClient, reconnecting', () => {
  it('notices a dead path after 4 s and connects anew, while the last picture stays', async () => {
    await connect();
    const first = platform.last;
    first.isAlive = false;
    device.onMessage = () => {};
    await vi.advanceTimersByTimeAsync(limits.deadPathMs + limits.heartbeatIntervalMs);
    expect(client.status).toEqual({ state: 'reconnecting', error: 'dead-path', step: 'path' });
    expect(platform.connections).toHaveLength(2);
    expect(first.isClosed).toBe(false);
    platform.last.connect();
    await vi.advanceTimersByTimeAsync(0);
    expect(client.status).toEqual({ state: 'connected' });
    expect(first.isClosed).toBe(true);
    expect(platform.openConnections).toEqual([platform.last]);
  });

  it('keeps the last picture through failed attempts', async () => {
    await connect();
    const first = platform.last;
    device.answer = () => ({ type: 'error', code: 'busy' });
    device.say({ type: 'bye', code: 'shutdown' });
    await vi.advanceTimersByTimeAsync(5_000);
    expect(device.hellos.length).toBeGreaterThan(2);
    expect(client.status).toMatchObject({ state: 'reconnecting', error: 'busy' });
    expect(first.isClosed).toBe(false);
    expect(platform.openConnections).toEqual([first]);
  });

  it('tries again after 0, 0.3, 1, 2, 4, 8, 8 s, and from the start after a success', async () => {
    const atMs: number[] = [];
    device.answer = () => {
      atMs.push(performance.now());
      return { type: 'error', code: 'busy' };
    };
    client.connect();
    await vi.advanceTimersByTimeAsync(40_000);
    const pauses = (times: number[]) => times.slice(1).map((time, at) => Math.round(time - (times[at] ?? 0)));
    expect(pauses(atMs).slice(0, 8)).toEqual([0, 300, 1_000, 2_000, 4_000, 8_000, 8_000, 8_000]);
    expect(client.status).toEqual({ state: 'waiting', error: 'busy' });
    device.answer = () => fakeOffer;
    await vi.advanceTimersByTimeAsync(8_000);
    expect(client.status).toEqual({ state: 'connected' });
    atMs.length = 0;
    device.answer = () => {
      atMs.push(performance.now());
      return { type: 'error', code: 'busy' };
    };
    device.say({ type: 'bye', code: 'shutdown' });
    await vi.advanceTimersByTimeAsync(1_000);
    expect(pauses(atMs)).toEqual([300]);
  });

  it.each([
    ['the network is back', () => [...platform.networkListeners].forEach((listener) => void listener())],
    ['the device is back', () => signaling.publishStatus({ online: true, epoch: fakeEpoch, v: 1 })],
  ])('does not wait any longer when %s', async (_, happen) => {
    device.answer = () => ({ type: 'error', code: 'busy' });
    client.connect();
    await vi.advanceTimersByTimeAsync(8_000);
    const before = device.hellos.length;
    happen();
    await vi.advanceTimersByTimeAsync(0);
    expect(device.hellos).toHaveLength(before + 1);
  });

  it('waits on while the device goes offline', async () => {
    device.answer = () => ({ type: 'error', code: 'busy' });
    client.connect();
    await vi.advanceTimersByTimeAsync(8_000);
    const before = device.hellos.length;
    signaling.publishStatus({ online: false });
    await vi.advanceTimersByTimeAsync(0);
    expect(device.hellos).toHaveLength(before);
  });

  it('goes on asking for a broker that cannot be reached', async () => {
    signaling.openError = new SessionError('broker-unreachable');
    client.connect();
    await vi.advanceTimersByTimeAsync(2_000);
    expect(client.status).toEqual({ state: 'waiting', error: 'broker-unreachable' });
    signaling.openError = null;
    await vi.advanceTimersByTimeAsync(4_000);
    expect(client.status).toEqual({ state: 'connected' });
  });

  it('gives a path 15 s from the hello', async () => {
    device.onMessage = () => {};
    client.connect();
    await vi.advanceTimersByTimeAsync(limits.connectTimeoutMs - 1);
    expect(client.status).toEqual({ state: 'connecting', step: 'path' });
    await vi.advanceTimersByTimeAsync(1);
    expect(statuses).toContainEqual({ state: 'waiting', error: 'connect-timeout' });
    expect(platform.connections[0]?.isClosed).toBe(true);
  });

  it.each([
    [
      'path-failed',
      () => {
        platform.last.connectionState = 'failed';
        platform.last.onconnectionstatechange();
      },
    ],
    ['closed-by-peer', () => platform.last.channel('control').onclose()],
    ['shutdown', () => platform.last.channel('control').onmessage({ data: '{"type":"bye","code":"shutdown"}' })],
  ] as const)('names the reason %s', async (error, happen) => {
    await connect();
    happen();
    await vi.advanceTimersByTimeAsync(0);
    expect(statuses).toContainEqual({ state: 'reconnecting', error });
    expect(client.status).toEqual({ state: 'connected' });
  });
});

describe('PortholeClient, ending', () => {
  it.each(['unauthorised', 'invite-invalid', 'no-codec'] as const)(
    'stops at %s, which only a person can cure',
    async (code) => {
      device.answer = () => ({ type: 'error', code });
      client.connect();
      await vi.advanceTimersByTimeAsync(60_000);
      expect(client.status).toEqual({ state: 'failed', error: code });
      expect(device.hellos).toHaveLength(1);
      expect(vi.getTimerCount()).toBe(0);
      expect(signaling.isOpen).toBe(false);
    },
  );

  it('stops when it is revoked, and connects again when a person says so', async () => {
    await connect();
    device.say({ type: 'bye', code: 'revoked' });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(client.status).toEqual({ state: 'failed', error: 'revoked' });
    expect(platform.openConnections).toEqual([]);
    signaling.status = { online: true, epoch: fakeEpoch, v: 1 };
    await connect();
    expect(device.hellos).toHaveLength(2);
  });

  it('says goodbye on the path and through the broker', async () => {
    await connect();
    const control = platform.last.channel('control');
    await client.disconnect();
    expect(client.status).toEqual({ state: 'idle' });
    expect(control.messages.at(-1)).toEqual({ type: 'bye', code: 'closed-by-peer' });
    expect(device.received.at(-1)).toEqual({ type: 'bye', code: 'closed-by-peer' });
    expect(client.session).toBeNull();
  });

  it.each([
    [
      'the broker does not answer',
      () => {
        signaling.holdsRoutes = true;
      },
    ],
    [
      'the device is silent',
      () => {
        device.answer = () => null;
      },
    ],
    [
      'the path does not come up',
      () => {
        device.onMessage = () => {};
      },
    ],
    [
      'it waits',
      () => {
        device.answer = () => ({ type: 'error', code: 'busy' });
      },
    ],
  ])('leaves nothing when it is stopped while %s', async (_, prepare) => {
    prepare();
    client.connect();
    await vi.advanceTimersByTimeAsync(2_000);
    await client.disconnect();
    signaling.releaseRoutes();
    await vi.advanceTimersByTimeAsync(0);
    expect(client.status).toEqual({ state: 'idle' });
    expect(vi.getTimerCount()).toBe(0);
  });

  it('connects again at once after it was stopped', async () => {
    await connect();
    void client.disconnect();
    client.connect();
    await vi.advanceTimersByTimeAsync(300);
    expect(client.status).toEqual({ state: 'connected' });
    expect(platform.openConnections).toEqual([platform.last]);
  });
});

describe('PortholeClient, in use', () => {
  it('refuses commands while there is no session, instead of letting them time out', async () => {
    await expect(client.call('device.ping')).rejects.toMatchObject({ code: 'unavailable' });
    device.onMessage = () => {};
    client.connect();
    await vi.advanceTimersByTimeAsync(0);
    await expect(client.call('device.ping')).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('calls commands, and adds the data that follows on the bulk channel', async () => {
    await connect();
    const rpc = platform.last.channel('rpc');
    const called = client.call('camera.snapshot', { camera: 'cam0' });
    const { id } = rpc.messages[0] as { id: number };
    expect(rpc.messages).toEqual([{ jsonrpc: '2.0', id, method: 'camera.snapshot', params: { camera: 'cam0' } }]);
    const bulk = { transferId: 1, sizeBytes: 3, mediaType: 'image/jpeg' };
    rpc.onmessage({ data: JSON.stringify({ jsonrpc: '2.0', id, result: { camera: 'cam0', bulk } }) });
    platform.last.channel('bulk').onmessage({ data: Uint8Array.of(0, 0, 0, 1, 0, 0, 0, 0, 7, 8, 9).buffer });
    expect(await called).toEqual({ camera: 'cam0', bulk, data: Uint8Array.of(7, 8, 9) });
  });

  it('rejects running commands when the session ends', async () => {
    await connect();
    const called = client.call('device.info');
    platform.last.channel('rpc').onclose();
    await expect(called).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('survives a channel that takes nothing more', async () => {
    await connect();
    const rpc = platform.last.channel('rpc');
    rpc.throwsOnSend = true;
    await expect(client.call('device.info')).rejects.toMatchObject({ code: 'unavailable' });
    platform.last.channel('control').throwsOnSend = true;
    await client.disconnect();
  });

  it('hands on notifications', async () => {
    const notification = vi.fn();
    client.events.on('notification', notification);
    await connect();
    platform.last
      .channel('rpc')
      .onmessage({ data: '{"jsonrpc":"2.0","method":"event.camera","params":{"id":"cam0"}}' });
    expect(notification).toHaveBeenCalledWith({ method: 'event.camera', params: { id: 'cam0' } });
  });

  it('measures once a second, and survives a connection that refuses', async () => {
    const stats = vi.fn();
    client.events.on('stats', stats);
    platform.counters = Promise.resolve(countersOf({ ...noLineCounters, framesDecoded: 30 }));
    await connect();
    await vi.advanceTimersByTimeAsync(1_000);
    expect(stats).toHaveBeenCalledTimes(1);
    expect(client.stats).toMatchObject({ framesDecoded: 30, framesPerSecond: 30, rttMs: 0 });
    platform.counters = Promise.reject(new Error('closed'));
    platform.counters.catch(() => {});
    await vi.advanceTimersByTimeAsync(2_000);
    expect(stats).toHaveBeenCalledTimes(1);
    expect(client.status).toEqual({ state: 'connected' });
  });
});
