import { execFileSync } from 'node:child_process';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { H264Packetizer } from '../../../agent/media/h264-packetizer.ts';
import { Pacer } from '../../../agent/media/pacer.ts';
import { RenditionHub } from '../../../agent/media/rendition-hub.ts';
import { TransportSequence } from '../../../agent/media/transport-sequence.ts';
import { VideoSender } from '../../../agent/media/video-sender.ts';
import { NodeDatachannelPeer } from '../../../agent/rtc/node-datachannel-peer.ts';
import type { PeerChannel, PeerOptions, PeerTrack } from '../../../agent/rtc/peer.ts';
import { systemClock } from '../../../agent/system/clock.ts';
import { headlessPlatform } from '../../../cli/headless/headless-platform.ts';
import { checkSdp, isUsableCandidate, withoutCandidates } from '../../../protocol/sdp-policy.ts';

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close();
});

function clipUnits(): Buffer[] {
  const args =
    '-loglevel error -f lavfi -i testsrc2=size=320x180:rate=30 -t 1 -c:v libx264 -preset ultrafast -tune zerolatency -profile:v baseline -g 30 -x264-params aud=1 -f h264 pipe:1';
  const clip = execFileSync('ffmpeg', args.split(' '));
  const units: Buffer[] = [];
  const delimiter = Buffer.from([0, 0, 0, 1, 9]);
  for (let at = clip.indexOf(delimiter); at >= 0; ) {
    const next = clip.indexOf(delimiter, at + 1);
    units.push(clip.subarray(at, next < 0 ? clip.length : next));
    at = next;
  }
  return units;
}

function openPair(options: Partial<PeerOptions> & Pick<PeerOptions, 'mediaLines' | 'channels'>) {
  const errors: unknown[] = [];
  const tracks = new Map<string, PeerTrack>();
  const lost = vi.fn();
  const viewer = headlessPlatform.createConnection({ iceServers: [] });
  const device = new NodeDatachannelPeer(
    {
      id: 'device',
      ice: { servers: [] },
      onCandidate: (candidate, mid) => void viewer.addIceCandidate({ candidate, sdpMid: mid }),
      onTrackOpen: (mid, track) => tracks.set(mid, track),
      onLost: lost,
      ...options,
    },
    (error) => errors.push(error),
  );
  closers.push(
    () => viewer.close(),
    () => device.close(),
  );
  viewer.onicecandidate = ({ candidate }) =>
    candidate && device.addCandidate(candidate.candidate, candidate.sdpMid ?? '0');
  const negotiate = async () => {
    const offer = await device.createOffer();
    await viewer.setRemoteDescription({ type: 'offer', sdp: offer });
    const answer = await viewer.createAnswer();
    device.acceptAnswer(answer.sdp ?? '');
    return { offer, answer: answer.sdp ?? '' };
  };
  return { device, viewer, tracks, errors, lost, negotiate };
}

describe('NodeDatachannelPeer', () => {
  it('carries our own RTP to a viewer and its RTCP back', async () => {
    const rtcp = vi.fn();
    const pair = openPair({
      channels: [],
      mediaLines: [
        {
          kind: 'video',
          mid: 'v0',
          ssrc: 1234,
          payloadType: 102,
          cname: 'device',
          codec: { name: 'h264', profileLevelId: '42c01f' },
          rtx: { ssrc: 1235, payloadType: 103 },
          onRtcp: rtcp,
        },
      ],
    });
    const { offer, answer } = await pair.negotiate();
    expect(checkSdp(offer).ok).toBe(true);
    expect(checkSdp(answer).ok).toBe(true);
    expect(offer).toContain('profile-level-id=42c01f');
    await vi.waitFor(() => expect(pair.tracks.size).toBe(1), 5_000);

    const hub = new RenditionHub({
      packetizer: new H264Packetizer(),
      clock: systemClock,
      onKeyframeNeeded: () => {},
      onSubscriberError: (error) => pair.errors.push(error),
    });
    const sender = new VideoSender({
      hub,
      transport: pair.tracks.get('v0')!,
      transportSequence: new TransportSequence(),
      pacer: new Pacer({ clock: systemClock }),
      ssrc: 1234,
      payloadType: 102,
      cname: 'device',
      clock: systemClock,
    });
    closers.push(
      () => sender.close(),
      () => hub.close(),
    );
    sender.open();
    const units = clipUnits();
    for (const [index, data] of units.entries()) {
      const arrivedAtMs = systemClock.nowMs();
      const isKeyframe = index === 0;
      hub.handleAccessUnit({ data, ptsTicks90k: index * 3000, isKeyframe, capturedAtMs: arrivedAtMs, arrivedAtMs });
    }
    await vi.waitFor(async () => {
      const counters = await headlessPlatform.readVideoCounters(pair.viewer);
      expect(counters.framesDecoded).toBe(units.length);
      expect(counters.packetsLost).toBe(0);
    }, 5_000);
    await vi.waitFor(() => expect(rtcp).toHaveBeenCalled(), 5_000);
    expect(pair.errors).toEqual([]);
  });

  it('tells its candidates again once the answer is applied, in the form that browsers take', async () => {
    const onCandidate = vi.fn();
    const pair = openPair({
      mediaLines: [],
      channels: [{ label: 'rpc', onOpen() {}, onMessage() {}, onClosed() {} }],
      onCandidate,
    });
    const offer = await pair.device.createOffer();
    expect(onCandidate).not.toHaveBeenCalled();
    await pair.viewer.setRemoteDescription({ type: 'offer', sdp: withoutCandidates(offer) });
    const answer = await pair.viewer.createAnswer();
    pair.device.acceptAnswer(answer.sdp ?? '');
    const told = onCandidate.mock.calls.map(([candidate]) => candidate as string);
    expect(told.length).toBeGreaterThan(0);
    for (const candidate of told) expect(offer).toContain(`a=${candidate}`);
    expect(told.every(isUsableCandidate)).toBe(true);
  });

  it('opens the data channels and survives a throwing listener', async () => {
    const received: string[] = [];
    let rpc: PeerChannel | null = null;
    const pair = openPair({
      mediaLines: [],
      channels: [
        {
          label: 'rpc',
          onOpen: (channel) => {
            rpc = channel;
          },
          onMessage: (data) => {
            received.push(String(data));
            throw new Error('a defect in a listener');
          },
          onClosed: () => {},
        },
      ],
    });
    pair.viewer.ondatachannel = ({ channel }) => {
      channel.onmessage = ({ data }) => channel.send(`echo ${data}`);
    };
    await pair.negotiate();
    await vi.waitFor(() => expect(rpc).not.toBeNull(), 5_000);
    rpc!.send('one');
    await vi.waitFor(() => expect(received).toEqual(['echo one']), 5_000);
    rpc!.send('two');
    await vi.waitFor(() => expect(received).toEqual(['echo one', 'echo two']), 5_000);
    expect(pair.errors).toHaveLength(2);
  });

  it('sends nothing longer than the viewer claims to take, and does not throw', async () => {
    let rpc: PeerChannel | null = null;
    const pair = openPair({
      mediaLines: [],
      channels: [{ label: 'rpc', onOpen: (open) => (rpc = open), onMessage: () => {}, onClosed: () => {} }],
    });
    await pair.viewer.setRemoteDescription({ type: 'offer', sdp: await pair.device.createOffer() });
    const { sdp = '' } = await pair.viewer.createAnswer();
    pair.device.acceptAnswer(sdp.replace(/a=max-message-size:\d+/, 'a=max-message-size:100'));
    await vi.waitFor(() => expect(rpc).not.toBeNull(), 5_000);
    expect(rpc!.send('x'.repeat(101))).toBe(false);
    expect(rpc!.send(Buffer.alloc(101))).toBe(false);
    expect(rpc!.send('x'.repeat(100))).toBe(true);
  });

  it('tells when the viewer has gone, and sends nothing after close', async () => {
    let channel: PeerChannel | null = null;
    const pair = openPair({
      mediaLines: [],
      channels: [{ label: 'rpc', onOpen: (open) => (channel = open), onMessage: () => {}, onClosed: () => {} }],
    });
    await pair.negotiate();
    await vi.waitFor(() => expect(channel).not.toBeNull(), 5_000);
    expect(pair.device.path).toEqual({ localKind: expect.any(String), remoteKind: expect.any(String) });
    pair.viewer.close();
    await vi.waitFor(() => expect(pair.lost).toHaveBeenCalledWith('closed-by-peer'), 5_000);
    await pair.device.close();
    expect(channel!.send('too late')).toBe(false);
    expect(pair.device.path).toBeNull();
  });

  it('refuses an answer that is none', async () => {
    const pair = openPair({ mediaLines: [], channels: [{ label: 'rpc', onOpen() {}, onMessage() {}, onClosed() {} }] });
    await pair.device.createOffer();
    expect(() => pair.device.acceptAnswer('v=0\r\nnonsense')).toThrow(
      expect.objectContaining({ code: 'answer-refused' }),
    );
  });
});
