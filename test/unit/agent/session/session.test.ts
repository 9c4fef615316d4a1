import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PeerError } from '../../../../agent/rtc/peer.ts';
import { limits } from '../../../../protocol/limits.ts';
import { withoutCandidates } from '../../../../protocol/sdp-policy.ts';
import { FakeCameraFeed } from '../../../fakes/fake-camera-feed.ts';
import { chromiumAnswer, libdatachannelOffer } from '../../../helpers/protocol-descriptions.ts';
import { candidate, SessionBench } from '../../../helpers/session-bench.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

/** Nothing is left: no timer, no camera, no peer. */
function expectReleased(bench: SessionBench): void {
  expect(bench.session.state).toBe('closed');
  expect(bench.camera.isReleased).toBe(true);
  expect(bench.onClosed).toHaveBeenCalledOnce();
  expect(vi.getTimerCount()).toBe(0);
}

async function expectEnd(bench: SessionBench, code: string): Promise<void> {
  await vi.advanceTimersByTimeAsync(200);
  await bench.session.released;
  expectReleased(bench);
  expect(bench.peer.closeCount).toBe(1);
  expect(bench.logger.events).toContainEqual({ level: 'info', fields: { reason: code }, message: 'session closed' });
}

/** Candidates that differ by their port. */
const candidateAt = (port: number) => candidate.replace(' 40000 ', ` ${port} `);

describe('Session, opening', () => {
  it('offers, takes the answer and is open when the channels are', async () => {
    const bench = new SessionBench();
    expect(bench.session.state).toBe('offering');
    expect(await bench.offer()).toBe(libdatachannelOffer);
    expect(bench.session.state).toBe('answering');
    expect(bench.camera.holdCount).toBe(1);
    bench.say({ type: 'answer', sdp: chromiumAnswer });
    expect(bench.session.state).toBe('connecting');
    bench.peer.connect();
    expect(bench.session.state).toBe('open');
    expect(bench.session.lines).toEqual({ streams: [{ mid: 'v0', camera: 'cam0' }] });
    expect(bench.camera.hub.stats.subscribers).toBe(1);
    expect(bench.peer.channel('rpc').messages).toEqual([
      { jsonrpc: '2.0', method: 'event.camera', params: bench.camera.info },
    ]);
  });

  it('hands the native library no candidate that the policy refuses', async () => {
    const bench = new SessionBench();
    await bench.offer();
    bench.say({ type: 'answer', sdp: chromiumAnswer });
    expect(bench.peer.answers[0]).not.toContain('.local');
    bench.say({ type: 'candidate', candidate: candidate.replace('192.0.2.7', 'printer.example'), mid: '0' });
    bench.say({ type: 'candidate', candidate, mid: '0' });
    expect(bench.peer.candidates).toEqual([candidate]);
  });

  it('keeps candidates that overtake the answer until it is there', async () => {
    const bench = new SessionBench();
    await bench.offer();
    bench.say({ type: 'candidate', candidate, mid: '0' });
    expect(bench.peer.candidates).toEqual([]);
    bench.say({ type: 'answer', sdp: chromiumAnswer });
    expect(bench.peer.candidates).toEqual([candidate]);
  });

  it.each(['before', 'after'])('takes no more than the candidates of the limit %s the answer', async (when) => {
    const bench = new SessionBench();
    await bench.offer();
    if (when === 'after') bench.say({ type: 'answer', sdp: chromiumAnswer });
    for (let port = 1; port <= 100; port += 1) bench.say({ type: 'candidate', candidate: candidateAt(port), mid: '0' });
    if (when === 'before') bench.say({ type: 'answer', sdp: chromiumAnswer });
    expect(bench.peer.candidates).toHaveLength(limits.candidatesMaxCount);
  });

  it('counts the candidates of the answer among them', async () => {
    const bench = new SessionBench();
    await bench.offer();
    bench.say({ type: 'candidate', candidate: candidateAt(1), mid: '0' });
    const lines = Array.from(
      { length: limits.candidatesMaxCount - 1 },
      (_, index) => `a=${candidateAt(index + 2)}\r\n`,
    );
    bench.say({ type: 'answer', sdp: `${withoutCandidates(chromiumAnswer)}${lines.join('')}` });
    bench.say({ type: 'candidate', candidate: candidateAt(99), mid: '0' });
    expect(bench.peer.candidates).toEqual([candidateAt(1)]);
  });

  it('gives up when no path is up within 15 s', async () => {
    const bench = new SessionBench();
    await bench.offer();
    await vi.advanceTimersByTimeAsync(limits.connectTimeoutMs - 1);
    expect(bench.session.state).toBe('answering');
    await vi.advanceTimersByTimeAsync(1);
    expect(bench.sealed()).toEqual([{ type: 'bye', code: 'connect-timeout' }]);
    await expectEnd(bench, 'connect-timeout');
  });

  it('says why when the camera cannot be had, and holds nothing', async () => {
    const broken = new FakeCameraFeed('cam1');
    broken.isBroken = true;
    const camera = new FakeCameraFeed();
    const bench = new SessionBench({ cameras: [camera, broken] });
    await expect(bench.session.open()).rejects.toMatchObject({ code: 'internal', detail: 'the camera is stopped' });
    expect(camera.isReleased).toBe(true);
    expectReleased(bench);
  });

  it('says why when the peer makes no offer', async () => {
    const bench = new SessionBench({
      preparePeer: (peer) => {
        peer.offer = Promise.reject(new PeerError('gathering-timeout'));
      },
    });
    await expect(bench.session.open()).rejects.toMatchObject({ code: 'internal', detail: 'gathering-timeout' });
    await expectEnd(bench, 'internal');
  });

  it('fails to open with the reason of whoever closed it meanwhile', async () => {
    let reject = (_error: Error) => {};
    const bench = new SessionBench({
      preparePeer: (peer) => {
        peer.offer = new Promise((_, fail) => {
          reject = fail;
        });
      },
    });
    const opening = bench.session.open();
    void bench.session.close('revoked');
    reject(new PeerError('closed'));
    await expect(opening).rejects.toMatchObject({ code: 'revoked' });
    await expectEnd(bench, 'revoked');
  });

  it('makes no offer after it was closed, even when the peer still gives one', async () => {
    const bench = new SessionBench();
    const opening = bench.session.open();
    void bench.session.close('shutdown');
    await expect(opening).rejects.toMatchObject({ code: 'shutdown' });
    await expectEnd(bench, 'shutdown');
  });
});

describe('Session, refusing', () => {
  it('ends with sdp-refused for an answer that breaks the policy', async () => {
    const bench = new SessionBench();
    await bench.offer();
    bench.say({ type: 'answer', sdp: chromiumAnswer.replace('94:2A', '94:2B') });
    expect(bench.peer.answers).toEqual([]);
    expect(bench.sealed()).toEqual([{ type: 'bye', code: 'sdp-refused' }]);
    await expectEnd(bench, 'sdp-refused');
  });

  it('ends with sdp-refused for an answer that the native library refuses', async () => {
    const bench = new SessionBench({
      preparePeer: (peer) => {
        peer.refusesAnswer = true;
      },
    });
    await bench.offer();
    bench.say({ type: 'candidate', candidate, mid: '0' });
    bench.say({ type: 'answer', sdp: chromiumAnswer });
    await expectEnd(bench, 'sdp-refused');
  });

  it('takes one answer only', async () => {
    const bench = new SessionBench();
    await bench.connect();
    bench.say({ type: 'answer', sdp: chromiumAnswer });
    expect(bench.peer.answers).toHaveLength(1);
    expect(bench.session.state).toBe('open');
  });

  it('drops what is not sealed for it, or is no message', async () => {
    const bench = new SessionBench();
    bench.session.handleSealed(Uint8Array.of(3, 0, 0, 0, 0));
    await bench.offer();
    bench.session.handleSealed(Uint8Array.of(3, 0, 0, 0, 0, 1, 2, 3));
    bench.say({ type: 'unheard of' });
    expect(bench.session.state).toBe('answering');
  });
});

describe('Session, open', () => {
  it('answers pings with its own times', async () => {
    const bench = new SessionBench();
    await bench.connect();
    await vi.advanceTimersByTimeAsync(1_234);
    bench.ping();
    const nowMs = performance.now();
    const lines = [{ mid: 'v0', rtpOffset: expect.any(Number) }];
    expect(bench.peer.channel('control').messages).toEqual([
      { type: 'pong', pingSentAtMs: 5, receivedAtMs: nowMs, sentAtMs: nowMs, lines },
    ]);
  });

  it('lives as long as it is pinged, and takes 4 s of silence for a dead path', async () => {
    const bench = new SessionBench();
    await bench.connect();
    for (let second = 0; second < 60; second += 1) {
      await vi.advanceTimersByTimeAsync(1_000);
      bench.ping();
    }
    expect(bench.session.state).toBe('open');
    await vi.advanceTimersByTimeAsync(limits.deadPathMs - 1);
    expect(bench.session.state).toBe('open');
    await vi.advanceTimersByTimeAsync(1);
    await expectEnd(bench, 'dead-path');
  });

  it('is not kept alive by junk on the control channel', async () => {
    const bench = new SessionBench();
    await bench.connect();
    for (let second = 0; second < 5; second += 1) {
      await vi.advanceTimersByTimeAsync(1_000);
      bench.peer.receive('control', '{"type":"ping"}');
    }
    await expectEnd(bench, 'dead-path');
  });

  it('tells the viewer what happens to the camera', async () => {
    const bench = new SessionBench();
    await bench.offer();
    bench.camera.change({ state: 'starting' });
    bench.say({ type: 'answer', sdp: chromiumAnswer });
    bench.peer.connect();
    bench.camera.change({ state: 'missing', reason: 'unplugged' });
    const events = bench.peer.channel('rpc').messages.map((message) => message.params);
    expect(events).toEqual([
      { id: 'cam0', name: 'Camera cam0', state: 'starting' },
      { id: 'cam0', name: 'Camera cam0', state: 'missing', reason: 'unplugged' },
    ]);
  });

  it('passes commands to the server of commands, and binary data back', async () => {
    const bench = new SessionBench();
    await bench.connect();
    bench.peer.receive('rpc', '{"jsonrpc":"2.0"}');
    expect(bench.rpcReceived).toEqual(['{"jsonrpc":"2.0"}']);
    expect(bench.sendBulk(new Uint8Array(10), 'image/jpeg')).toEqual({
      transferId: 1,
      sizeBytes: 10,
      mediaType: 'image/jpeg',
    });
    await vi.advanceTimersByTimeAsync(0);
    expect(bench.peer.channel('bulk').sent).toHaveLength(1);
  });
});

describe('Session, ending', () => {
  it('says goodbye on the path and through the broker, and waits for it to leave', async () => {
    const bench = new SessionBench();
    await bench.connect();
    const closed = bench.session.close('revoked');
    expect(bench.sealed()).toEqual([{ type: 'bye', code: 'revoked' }]);
    expect(bench.peer.channel('control').messages).toEqual([{ type: 'bye', code: 'revoked' }]);
    expect(bench.rpcClosed).toHaveBeenCalledOnce();
    expect(bench.camera.isReleased).toBe(true);
    expect(bench.peer.closeCount).toBe(0);
    await vi.advanceTimersByTimeAsync(100);
    await closed;
    await expectEnd(bench, 'revoked');
  });

  it('closes once, whoever asks how often, and keeps the first reason', async () => {
    const bench = new SessionBench();
    await bench.connect();
    void bench.session.close('replaced');
    void bench.session.close('shutdown');
    bench.peer.options.onLost('closed-by-peer');
    bench.peer.closeChannel('rpc');
    bench.say({ type: 'bye', code: 'closed-by-peer' });
    await expectEnd(bench, 'replaced');
    expect(bench.sealed()).toEqual([{ type: 'bye', code: 'replaced' }]);
  });

  it.each([
    ['a bye through the broker', (bench: SessionBench) => bench.say({ type: 'bye', code: 'closed-by-peer' })],
    [
      'a bye on the path',
      (bench: SessionBench) => bench.peer.receive('control', '{"type":"bye","code":"closed-by-peer"}'),
    ],
    ['a closed channel', (bench: SessionBench) => bench.peer.closeChannel('bulk')],
    ['a closed connection', (bench: SessionBench) => bench.peer.options.onLost('closed-by-peer')],
  ])('ends at %s', async (_, happen) => {
    const bench = new SessionBench();
    await bench.connect();
    happen(bench);
    await expectEnd(bench, 'closed-by-peer');
  });

  it('names a lost path', async () => {
    const bench = new SessionBench();
    await bench.connect();
    bench.peer.options.onLost('path-failed');
    await expectEnd(bench, 'path-failed');
  });

  it('releases everything although a part of it fails to', async () => {
    const bench = new SessionBench({
      preparePeer: (peer) => {
        peer.failsToClose = true;
      },
    });
    bench.rpcClosed.mockImplementation(() => {
      throw new Error('a defect');
    });
    await bench.connect();
    void bench.session.close('shutdown');
    await expectEnd(bench, 'shutdown');
    expect(bench.logger.events.filter((event) => event.level === 'error')).toHaveLength(2);
  });

  it('serves no channel and no track that opens too late', async () => {
    const bench = new SessionBench();
    await bench.offer();
    bench.say({ type: 'answer', sdp: chromiumAnswer });
    void bench.session.close('connect-timeout');
    bench.peer.connect();
    await expectEnd(bench, 'connect-timeout');
    expect(bench.peer.channel('rpc').sent).toEqual([]);
  });
});
