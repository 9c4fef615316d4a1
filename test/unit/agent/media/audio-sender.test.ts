import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RtcpSrPacket } from 'werift-rtp';
import { AudioSender } from '../../../../agent/media/audio-sender.ts';
import { OpusPacketizer } from '../../../../agent/media/opus-packetizer.ts';
import { Pacer } from '../../../../agent/media/pacer.ts';
import { RenditionHub } from '../../../../agent/media/rendition-hub.ts';
import { TransportSequence } from '../../../../agent/media/transport-sequence.ts';
import { FakePacketTransport } from '../../../fakes/fake-packet-transport.ts';
import { receiverReport } from '../../../helpers/media-rtcp.ts';
import { areConsecutive, SenderBench, sequenceNumbers, twccNumbers } from '../../../helpers/media-sender-bench.ts';
import { keyframe, opusUnit, processClock } from '../../../helpers/media-units.ts';

const ssrc = 0xcafe00a0;
const onKeyframeNeeded = vi.fn();
let hub: RenditionHub;
let bench: SenderBench;

function listen(
  shared: { transport?: FakePacketTransport; transportSequence?: TransportSequence; pacer?: Pacer } = {},
) {
  const transport = shared.transport ?? new FakePacketTransport();
  const transportSequence = shared.transportSequence ?? new TransportSequence();
  const pacer = shared.pacer ?? new Pacer({ clock: processClock });
  const line = { ssrc, payloadType: 111, mid: 'a', cname: 'porthole', clock: processClock };
  const sender = new AudioSender({ hub, transport, transportSequence, pacer, ...line });
  sender.open();
  return { sender, transport };
}

function play(frames: number): void {
  for (let i = 0; i < frames; i += 1) {
    hub.handleAccessUnit(opusUnit(120, performance.now() - 30));
    vi.advanceTimersByTime(20);
  }
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.clearAllMocks();
  bench = new SenderBench();
  hub = new RenditionHub({
    packetizer: new OpusPacketizer(),
    clock: processClock,
    onKeyframeNeeded,
    onSubscriberError: (error) => {
      throw error;
    },
  });
});
afterEach(() => {
  bench.close();
  hub.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

describe('AudioSender', () => {
  it('sends sound from now on, 960 ticks a packet, and asks no encoder for anything', () => {
    play(5);
    const { sender, transport } = listen();
    play(50);
    const packets = transport.rtp;
    const steps = packets.slice(1).map(({ header }, i) => (header.timestamp - packets[i]!.header.timestamp) >>> 0);
    expect(packets).toHaveLength(50);
    expect(new Set(steps)).toEqual(new Set([960]));
    expect(areConsecutive(sequenceNumbers(transport))).toBe(true);
    expect(packets[0]!.header).toMatchObject({ ssrc, payloadType: 111, marker: false });
    expect(onKeyframeNeeded).not.toHaveBeenCalled();
    expect(sender.stats).toMatchObject({ packetsSent: 50, packetsDropped: 0 });
    sender.close();
  });

  it('ties its clock to that of the video in sender reports', () => {
    const { sender, transport } = listen();
    const video = bench.watch();
    const playBoth = () => {
      bench.hub.handleAccessUnit({ ...keyframe(), capturedAtMs: performance.now() - 30 });
      hub.handleAccessUnit(opusUnit(120, performance.now() - 30));
    };
    const reportOf = (viewer: FakePacketTransport) => viewer.rtcp.findLast((packet) => packet instanceof RtcpSrPacket)!;
    const agoMs = (viewer: FakePacketTransport, ticksPerMs: number) => {
      const { senderInfo } = reportOf(viewer);
      return ((senderInfo.rtpTimestamp - viewer.rtp.at(-1)!.header.timestamp) | 0) / ticksPerMs;
    };
    const expectTied = () => {
      expect(reportOf(transport).senderInfo.ntpTimestamp).toBe(reportOf(video.transport).senderInfo.ntpTimestamp);
      expect(agoMs(transport, 48)).toBeCloseTo(agoMs(video.transport, 90), 1);
    };
    playBoth();
    expectTied();
    vi.advanceTimersByTime(20);
    play(20);
    playBoth();
    vi.advanceTimersByTime(1_000);
    expectTied();
    sender.close();
  });

  it('overtakes the pictures that wait, and shares their transport-wide numbers', () => {
    const transport = new FakePacketTransport();
    const transportSequence = new TransportSequence();
    const { pacer } = bench.watch({ transport, transportSequence });
    const { sender } = listen({ transport, transportSequence, pacer });
    pacer.setTarget(100);
    bench.hub.handleAccessUnit(keyframe(50_000));
    const before = transport.rtp.length;
    hub.handleAccessUnit(opusUnit());
    expect(transport.rtp[before]?.header.ssrc).toBe(ssrc);
    vi.advanceTimersByTime(500);
    expect(twccNumbers(transport)).toEqual(transport.rtp.map((_, i) => i));
    sender.close();
  });

  it('goes on after packets that the transport refused', () => {
    const { sender, transport } = listen();
    play(2);
    transport.accepts = () => false;
    play(3);
    transport.accepts = () => true;
    play(2);
    expect(sender.stats).toMatchObject({ packetsSent: 4, packetsDropped: 3 });
    const [before, after] = transport.rtp.slice(1, 3);
    expect((after!.header.timestamp - before!.header.timestamp) >>> 0).toBe(4 * 960);
    expect(areConsecutive(sequenceNumbers(transport))).toBe(true);
    sender.close();
  });

  it('is silent while paused, in reports too, and begins with both; reads what the viewer reports', () => {
    const { sender, transport } = listen();
    play(60);
    sender.pause();
    sender.pause();
    const sent = transport.packets.length;
    play(100);
    expect(transport.packets).toHaveLength(sent);
    sender.handleRtcp(receiverReport({ ssrc, fractionLost: 64 }));
    expect(sender.stats.lossFraction).toBe(0.25);
    sender.open();
    play(60);
    expect(transport.rtp).toHaveLength(120);
    expect(transport.rtcp.filter((packet) => packet instanceof RtcpSrPacket)).toHaveLength(4);
    sender.close();
    sender.pause();
    sender.open();
    play(1);
    expect(transport.rtp).toHaveLength(120);
  });

  it('reads what the viewer reports, until it is closed', () => {
    const { sender, transport } = listen();
    play(2);
    sender.handleRtcp(receiverReport({ ssrc, fractionLost: 64 }));
    expect(sender.stats.lossFraction).toBe(0.25);
    sender.close();
    sender.close();
    sender.handleRtcp(receiverReport({ ssrc, fractionLost: 128 }));
    sender.open();
    play(2);
    expect(sender.stats.lossFraction).toBe(0.25);
    expect(transport.rtp).toHaveLength(2);
  });
});
