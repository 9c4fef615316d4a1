import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PeerError } from '../../../../agent/rtc/peer.ts';
import { limits } from '../../../../protocol/limits.ts';
import { failure, success } from '../../../../protocol/result.ts';
import { BenchViewer, ManagerBench, viewAdmission } from '../../../helpers/manager-bench.ts';
import { libdatachannelOffer } from '../../../helpers/protocol-descriptions.ts';

let bench: ManagerBench;
beforeEach(() => {
  vi.useFakeTimers();
  bench = new ManagerBench();
});
afterEach(async () => {
  expect(await bench.stop()).toEqual({ timers: 0, camerasHeld: 0, peersOpen: 0 });
  vi.useRealTimers();
});

describe('SessionManager, answering', () => {
  it('answers a good hello with an offer', async () => {
    const viewer = new BenchViewer(bench);
    expect(await viewer.hello({ label: 'Kitchen', invite: 'A'.repeat(21).concat('A') })).toEqual({
      type: 'offer',
      sdp: libdatachannelOffer,
      iceServers: [{ urls: ['turn:turn.example'], username: viewer.viewerId, credential: 'secret' }],
      role: 'view',
      device: { name: 'bench', version: '1.0.0' },
      cameras: bench.cameras.map((camera) => camera.info),
      streams: [{ mid: 'v0', camera: 'cam0' }],
    });
    expect(bench.authorise).toHaveBeenCalledWith({
      viewerId: viewer.viewerId,
      inviteToken: 'A'.repeat(22),
      label: 'Kitchen',
    });
  });

  it.each([
    [undefined, ['cam0']],
    [
      ['cam1', 'cam0'],
      ['cam1', 'cam0'],
    ],
    [[], []],
  ])('serves the cameras that are wanted: %j', async (cameras, served) => {
    const reply = await new BenchViewer(bench).hello({ want: { cameras } });
    expect(reply).toMatchObject({ type: 'offer', streams: served.map((camera) => ({ camera })) });
  });

  it('repeats the same bytes for the same hello, and makes no second session', async () => {
    const viewer = new BenchViewer(bench);
    bench.manager.handleMessage(viewer.sid, viewer.buildHello());
    bench.manager.handleMessage(viewer.sid, viewer.buildHello());
    await viewer.hello();
    await viewer.hello();
    expect(bench.peers).toHaveLength(1);
    expect(viewer.received).toHaveLength(2);
    expect(new Set(viewer.received.map((bytes) => Buffer.from(bytes).toString('hex'))).size).toBe(1);
  });

  it('gives a replay of an ended session nothing', async () => {
    const viewer = new BenchViewer(bench);
    await viewer.hello();
    viewer.say({ type: 'bye', code: 'closed-by-peer' });
    const before = viewer.received.length;
    await viewer.hello();
    expect(viewer.received).toHaveLength(before);
    expect(bench.peers).toHaveLength(1);
  });

  it('asks for the current epoch when the one given is stale or missing', async () => {
    const stale = Buffer.alloc(16, 9).toString('base64url');
    for (const epoch of [stale, '']) {
      const reply = await new BenchViewer(bench).hello({ epoch });
      expect(reply).toEqual({ type: 'retry', epoch: bench.epochs.current });
    }
    expect(bench.authorise).not.toHaveBeenCalled();
  });

  it('takes the epoch before the current one, and no older', async () => {
    bench.epochs.start();
    const old = { epoch: bench.epochs.current };
    await vi.advanceTimersByTimeAsync(limits.epochIntervalMs);
    expect(await new BenchViewer(bench).hello(old)).toMatchObject({ type: 'offer' });
    await vi.advanceTimersByTimeAsync(limits.epochIntervalMs);
    expect(await new BenchViewer(bench).hello(old)).toMatchObject({ type: 'retry' });
  });
});

describe('SessionManager, refusing', () => {
  it.each(['unauthorised', 'invite-invalid', 'internal'] as const)('passes on %s', async (code) => {
    bench.authorise.mockResolvedValue(failure(code));
    expect(await new BenchViewer(bench).hello()).toEqual({ type: 'error', code });
    expect(bench.peers).toEqual([]);
  });

  it.each([
    ['no-camera', { want: { cameras: ['cam7'] } }],
    ['no-camera', { want: { cameras: ['cam0', 'cam0'] } }],
    ['no-codec', { codecs: ['vp8'] }],
    ['malformed', { codecs: 'h264' }],
  ])('refuses with %s: %j', async (code, fields) => {
    expect(await new BenchViewer(bench).hello(fields)).toEqual({ type: 'error', code });
    expect(bench.peers).toEqual([]);
  });

  it('needs no codec for commands alone', async () => {
    expect(await new BenchViewer(bench).hello({ codecs: [], want: { cameras: [] } })).toMatchObject({ type: 'offer' });
  });

  it('answers internal, and logs why, when the decision fails', async () => {
    bench.authorise.mockRejectedValue(new Error('a defect'));
    expect(await new BenchViewer(bench).hello()).toEqual({ type: 'error', code: 'internal' });
    expect(bench.logger.events.at(0)).toMatchObject({ level: 'error', fields: { error: new Error('a defect') } });
  });

  it('answers internal, and keeps nothing, when there is no offer', async () => {
    bench = new ManagerBench({
      preparePeer: (peer) => {
        peer.offer = Promise.reject(new PeerError('gathering-timeout'));
      },
    });
    expect(await new BenchViewer(bench).hello()).toEqual({ type: 'error', code: 'internal' });
    expect(bench.openPeers).toEqual([]);
  });

  it('closes the session when its offer does not fit into a message', async () => {
    bench = new ManagerBench({
      preparePeer: (peer) => {
        peer.offer = Promise.resolve('v=0\r\n'.repeat(4_000));
      },
    });
    expect(await new BenchViewer(bench).hello()).toEqual({ type: 'error', code: 'internal' });
    expect(bench.openPeers).toEqual([]);
  });

  it('decides anew on a hello that was refused', async () => {
    bench.authorise.mockResolvedValueOnce(failure('unauthorised'));
    const viewer = new BenchViewer(bench);
    await viewer.hello();
    await viewer.hello();
    expect(bench.peers).toHaveLength(1);
  });
});

describe('SessionManager, making room', () => {
  it('is busy for strangers when all sessions are taken', async () => {
    bench = new ManagerBench({ sessionsMaxCount: 1 });
    await new BenchViewer(bench).connect();
    expect(await new BenchViewer(bench).hello()).toEqual({ type: 'error', code: 'busy' });
    expect(bench.openPeers).toHaveLength(1);
  });

  it('gives the last room to one of those that ask at once', async () => {
    bench = new ManagerBench({ sessionsMaxCount: 1 });
    const viewers = Array.from({ length: 5 }, () => new BenchViewer(bench));
    for (const viewer of viewers) bench.manager.handleMessage(viewer.sid, viewer.buildHello());
    await vi.advanceTimersByTimeAsync(0);
    expect(bench.peers).toHaveLength(1);
    expect(viewers.every((viewer) => viewer.received.length === 1)).toBe(true);
  });

  it('lets a viewer take the room of its own older session, which is told so', async () => {
    bench = new ManagerBench({ sessionsMaxCount: 1 });
    const first = new BenchViewer(bench);
    const peer = await first.connect();
    await new BenchViewer(bench, first.keys).connect();
    expect(peer.channel('control').messages).toEqual([{ type: 'bye', code: 'replaced' }]);
    await vi.advanceTimersByTimeAsync(200);
    expect(bench.openPeers).toHaveLength(1);
  });

  it('takes the oldest session of a viewer who has several for one who has none', async () => {
    bench = new ManagerBench({ sessionsMaxCount: 3 });
    const greedy = new BenchViewer(bench);
    const other = await new BenchViewer(bench).connect();
    const first = await greedy.connect();
    const second = await new BenchViewer(bench, greedy.keys).connect();
    await new BenchViewer(bench).connect();
    expect(first.channel('control').messages).toEqual([{ type: 'bye', code: 'replaced' }]);
    await vi.advanceTimersByTimeAsync(200);
    expect(bench.openPeers).toEqual([other, second, bench.peers.at(-1)]);
    expect(await new BenchViewer(bench).hello()).toEqual({ type: 'error', code: 'busy' });
  });

  it('serves two windows of one viewer side by side when there is room', async () => {
    const first = new BenchViewer(bench);
    await first.connect();
    await new BenchViewer(bench, first.keys).connect();
    expect(bench.openPeers).toHaveLength(2);
  });

  it('keeps two unfinished attempts of a viewer, and drops the oldest for a third', async () => {
    const first = new BenchViewer(bench);
    await first.hello();
    await new BenchViewer(bench, first.keys).hello();
    await new BenchViewer(bench, first.keys).hello();
    expect(bench.peers.map((peer) => peer.closeCount)).toEqual([1, 0, 0]);
  });

  it('takes a new session of a viewer while its older one is closing', async () => {
    bench = new ManagerBench({ sessionsMaxCount: 1 });
    const first = new BenchViewer(bench);
    const peer = await first.connect();
    peer.options.onLost('path-failed');
    expect(peer.closeCount).toBe(0);
    await new BenchViewer(bench, first.keys).connect();
    await vi.advanceTimersByTimeAsync(200);
    expect(bench.peers.map((each) => each.closeCount)).toEqual([1, 0]);
  });
});

describe('SessionManager, ending', () => {
  it('closes all sessions of a revoked viewer, and of nobody else', async () => {
    const revoked = new BenchViewer(bench);
    await revoked.connect();
    await new BenchViewer(bench, revoked.keys).hello();
    const other = await new BenchViewer(bench).connect();
    void bench.manager.closeViewer(revoked.viewerId, 'revoked');
    await vi.advanceTimersByTimeAsync(200);
    expect(bench.openPeers).toEqual([other]);
    expect(bench.peers[0]?.channel('control').messages).toEqual([{ type: 'bye', code: 'revoked' }]);
  });

  it('answers a viewer that is revoked while its session opens with the reason', async () => {
    bench = new ManagerBench({
      preparePeer: (peer) => {
        peer.offer = new Promise((resolve) => setTimeout(() => resolve(libdatachannelOffer), 20));
      },
    });
    const viewer = new BenchViewer(bench);
    await viewer.hello();
    await bench.manager.closeViewer(viewer.viewerId, 'revoked');
    await vi.advanceTimersByTimeAsync(20);
    expect(await viewer.hello()).toEqual({ type: 'error', code: 'revoked' });
  });

  it('does not let the sid of a live session be taken over, which would hide it from a revocation', async () => {
    bench = new ManagerBench({ epochIntervalMs: 1_000 });
    bench.epochs.start();
    const viewer = new BenchViewer(bench);
    const peer = await viewer.connect();
    for (let second = 0; second < 3; second += 1) {
      await vi.advanceTimersByTimeAsync(1_000);
      peer.receive('control', JSON.stringify({ type: 'ping', sentAtMs: 1 }));
    }
    expect(await new BenchViewer(bench, viewer.keys, viewer.sid).hello()).toBeNull();
    void bench.manager.closeViewer(viewer.viewerId, 'revoked');
    await vi.advanceTimersByTimeAsync(200);
    expect(bench.openPeers).toEqual([]);
  });

  it('ends all sessions when it stops, waits for those that were ending, and takes no more', async () => {
    const first = new BenchViewer(bench);
    const peer = await first.connect();
    const second = await new BenchViewer(bench).connect();
    peer.options.onLost('path-failed');
    const stopped = vi.fn();
    void bench.manager.stop().then(stopped);
    await vi.advanceTimersByTimeAsync(99);
    expect(stopped).not.toHaveBeenCalled();
    await vi.advanceTimersByTimeAsync(1);
    expect(stopped).toHaveBeenCalled();
    expect(second.channel('control').messages).toEqual([{ type: 'bye', code: 'shutdown' }]);
    expect(await new BenchViewer(bench).hello()).toBeNull();
  });

  it('refuses whoever was being let in when it stops', async () => {
    let letIn = (_grant: ReturnType<typeof success<typeof viewAdmission>>) => {};
    bench.authorise.mockReturnValue(
      new Promise((resolve) => {
        letIn = resolve;
      }),
    );
    const viewer = new BenchViewer(bench);
    await viewer.hello();
    await bench.manager.stop();
    letIn(success(viewAdmission));
    expect(await viewer.hello()).toEqual({ type: 'error', code: 'shutdown' });
    expect(bench.peers).toEqual([]);
  });
});
