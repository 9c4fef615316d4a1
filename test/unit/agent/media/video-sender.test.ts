import { Buffer } from 'node:buffer';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RecvDelta, RtcpSrPacket, StatusVectorChunk } from 'werift-rtp';
import { H264Packetizer } from '../../../../agent/media/h264-packetizer.ts';
import { RenditionHub } from '../../../../agent/media/rendition-hub.ts';
import { TransportSequence } from '../../../../agent/media/transport-sequence.ts';
import { VideoSender } from '../../../../agent/media/video-sender.ts';
import { FakePacketTransport } from '../../../fakes/fake-packet-transport.ts';
import { firPacket, nackPacket, pliPacket, receiverReport, twccPacket } from '../../../helpers/media-rtcp.ts';
import { deltaFrame, keyframe, processClock } from '../../../helpers/media-units.ts';

const ssrc = 0xcafe0001;
const otherSsrc = 0xcafe0002;
const onKeyframeNeeded = vi.fn();
let hub: RenditionHub;
const senders: VideoSender[] = [];

function watch(
  overrides: { ssrc?: number; transportSequence?: TransportSequence; transport?: FakePacketTransport } = {},
) {
  const transport = overrides.transport ?? new FakePacketTransport();
  const transportSequence = overrides.transportSequence ?? new TransportSequence();
  const line = { ssrc: overrides.ssrc ?? ssrc, payloadType: 102, cname: 'porthole' };
  const sender = new VideoSender({ hub, transport, transportSequence, ...line, clock: processClock });
  senders.push(sender);
  sender.open();
  return { sender, transport };
}

function play(frames: number, keyframeAt = 0): void {
  for (let i = 0; i < frames; i += 1) {
    hub.handleAccessUnit(i === keyframeAt ? keyframe() : deltaFrame());
    vi.advanceTimersByTime(33);
  }
}

const sequenceNumbers = (transport: FakePacketTransport) => transport.rtp.map((packet) => packet.header.sequenceNumber);
const twccNumbers = (transport: FakePacketTransport) =>
  transport.rtp.map((packet) => packet.header.extensions[0]?.payload.readUInt16BE());
const areConsecutive = (numbers: number[]) =>
  numbers.every((n, i) => i === 0 || n === ((numbers[i - 1]! + 1) & 0xffff));

beforeEach(() => {
  vi.useFakeTimers();
  vi.clearAllMocks();
  const packetizer = new H264Packetizer();
  const onSubscriberError = (error: unknown) => {
    throw error;
  };
  hub = new RenditionHub({ packetizer, clock: processClock, onKeyframeNeeded, onSubscriberError });
});
afterEach(() => {
  for (const sender of senders.splice(0)) sender.close();
  hub.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

describe('VideoSender', () => {
  it('numbers the packets of its line without gaps', () => {
    const { sender, transport } = watch();
    play(20);
    const packets = transport.rtp;
    expect(areConsecutive(sequenceNumbers(transport))).toBe(true);
    expect(new Set(packets.map((packet) => packet.header.ssrc))).toEqual(new Set([ssrc]));
    expect(new Set(packets.map((packet) => packet.header.payloadType))).toEqual(new Set([102]));
    expect(packets.filter((packet) => packet.header.marker)).toHaveLength(20);
    expect(twccNumbers(transport)).toEqual(packets.map((_, i) => i));
    const bytesSent = transport.packets.reduce((bytes, packet) => bytes + packet.length, 0);
    expect(sender.stats).toMatchObject({ framesSent: 20, packetsSent: packets.length, bytesSent, framesDropped: 0 });
  });

  it('gives each viewer its own numbers from the shared packets', () => {
    const [first, second] = [watch(), watch({ ssrc: otherSsrc })];
    play(5);
    expect(areConsecutive(sequenceNumbers(first.transport))).toBe(true);
    expect(areConsecutive(sequenceNumbers(second.transport))).toBe(true);
    expect(first.transport.rtp.every((packet) => packet.header.ssrc === ssrc)).toBe(true);
    expect(second.transport.rtp.map((packet) => packet.payload)).toEqual(
      first.transport.rtp.map((packet) => packet.payload),
    );
  });

  it('shares transport-wide numbers between the lines of a connection', () => {
    const transport = new FakePacketTransport();
    const transportSequence = new TransportSequence();
    watch({ transport, transportSequence });
    watch({ transport, transportSequence, ssrc: otherSsrc });
    play(5);
    expect(twccNumbers(transport)).toEqual(transport.packets.map((_, i) => i));
  });

  it('begins with a keyframe', () => {
    const { sender, transport } = watch();
    hub.handleAccessUnit(deltaFrame());
    expect(transport.packets).toEqual([]);
    expect(onKeyframeNeeded).toHaveBeenCalledTimes(1);
    play(2);
    expect(sender.stats).toMatchObject({ framesSent: 2, framesDropped: 0 });
  });

  it('shows the cached group at once, and goes on from it', () => {
    play(10);
    const { sender, transport } = watch();
    expect(sender.stats.framesSent).toBe(10);
    hub.handleAccessUnit(deltaFrame());
    const frames = transport.rtp.filter((packet) => packet.header.marker).map((packet) => packet.header.timestamp);
    const steps = frames.slice(1).map((timestamp, i) => (timestamp - frames[i]!) >>> 0);
    expect(steps.slice(0, 9)).toEqual(new Array(9).fill(90));
    expect(steps.at(-1)).toBe(33 * 90);
    expect(areConsecutive(sequenceNumbers(transport))).toBe(true);
  });

  it('sends nothing after close, and closes twice without harm', () => {
    const { sender, transport } = watch();
    play(3);
    const sent = transport.packets.length;
    sender.close();
    sender.close();
    play(3);
    sender.handleRtcp(pliPacket(ssrc));
    sender.open();
    vi.advanceTimersByTime(5_000);
    expect(transport.packets).toHaveLength(sent);
    expect(sender.stats.pliReceived).toBe(0);
  });
});

describe('a transport that refuses packets', () => {
  const failures: [string, () => boolean][] = [
    ['returns false', () => false],
    [
      'throws',
      () => {
        throw new Error('not open');
      },
    ],
  ];

  it.each(failures)('that %s makes the viewer drop to the next keyframe without a gap', (_name, fail) => {
    const [slow, quick] = [watch(), watch({ ssrc: otherSsrc })];
    play(3);
    slow.transport.accepts = fail;
    hub.handleAccessUnit(deltaFrame());
    slow.transport.accepts = () => true;
    hub.handleAccessUnit(deltaFrame());
    hub.handleAccessUnit(deltaFrame());
    expect(slow.sender.stats).toMatchObject({ framesSent: 3, framesDropped: 3 });
    play(2);
    expect(slow.sender.stats).toMatchObject({ framesSent: 5, framesDropped: 3 });
    expect(quick.sender.stats).toMatchObject({ framesSent: 8, framesDropped: 0 });
    expect(areConsecutive(sequenceNumbers(slow.transport))).toBe(true);
  });

  it('asks for a keyframe once, not for ever while it stays broken', () => {
    const { transport } = watch();
    play(3);
    vi.advanceTimersByTime(5_000);
    onKeyframeNeeded.mockClear();
    transport.accepts = () => false;
    for (let i = 0; i < 10; i += 1) {
      play(30);
      vi.advanceTimersByTime(2_000);
    }
    expect(onKeyframeNeeded).not.toHaveBeenCalled();
    transport.accepts = () => true;
    play(3);
    transport.accepts = () => false;
    hub.handleAccessUnit(deltaFrame());
    expect(onKeyframeNeeded).toHaveBeenCalledTimes(1);
  });

  it('may close its sender while it fails', () => {
    const { sender, transport } = watch();
    play(2);
    transport.accepts = () => {
      sender.close();
      return false;
    };
    play(2);
    expect(hub.stats.subscribers).toBe(0);
    expect(sender.stats).toMatchObject({ framesSent: 2, framesDropped: 0 });
  });
});

describe('loss', () => {
  it('is repaired with the same packet under a new transport-wide number', () => {
    const [lossy, other] = [watch(), watch({ ssrc: otherSsrc })];
    play(4);
    const [lost, alsoLost] = [lossy.transport.rtp[2]!, lossy.transport.rtp[5]!];
    const sentBefore = lossy.transport.packets.length;
    lossy.sender.handleRtcp(
      nackPacket(
        ssrc,
        [lost, alsoLost].map((packet) => packet.header.sequenceNumber),
      ),
    );
    const resent = lossy.transport.rtp.slice(sentBefore);
    for (const [i, packet] of [lost, alsoLost].entries()) {
      const { ssrc: line, sequenceNumber, timestamp, marker } = packet.header;
      expect(resent[i]?.header).toMatchObject({ ssrc: line, sequenceNumber, timestamp, marker });
      expect(resent[i]?.payload).toEqual(packet.payload);
    }
    expect(twccNumbers(lossy.transport).slice(sentBefore)).toEqual([sentBefore, sentBefore + 1]);
    expect(lossy.sender.stats).toMatchObject({ nacksReceived: 1, packetsResent: 2, nackedPacketsUnknown: 0 });
    expect(other.sender.stats.packetsResent).toBe(0);
  });

  it('is repaired at most once per round trip', () => {
    const { sender, transport } = watch();
    play(4);
    const nack = nackPacket(ssrc, [sequenceNumbers(transport)[2]!]);
    sender.handleRtcp(nack);
    sender.handleRtcp(nack);
    vi.advanceTimersByTime(99);
    sender.handleRtcp(nack);
    expect(sender.stats).toMatchObject({ nacksReceived: 3, packetsResent: 1 });
    vi.advanceTimersByTime(1);
    sender.handleRtcp(nack);
    expect(sender.stats.packetsResent).toBe(2);
  });

  it('is not repaired ever faster for a viewer that claims to be very near', () => {
    const { sender, transport } = watch();
    play(31);
    const report = transport.rtcp.find((packet) => packet instanceof RtcpSrPacket);
    const lsr = Number((report!.senderInfo.ntpTimestamp >> 16n) & 0xffffffffn);
    sender.handleRtcp(receiverReport({ ssrc, lsr, dlsr: 0xffffffff }));
    expect(sender.stats.rttMs).toBe(0);
    for (let ms = 0; ms < 20; ms += 1) {
      sender.handleRtcp(nackPacket(ssrc, [sequenceNumbers(transport)[2]!]));
      vi.advanceTimersByTime(1);
    }
    expect(sender.stats).toMatchObject({ nacksReceived: 20, packetsResent: 2 });
  });

  it('of packets that are too old or were never sent is counted', () => {
    const { sender, transport } = watch();
    play(1);
    const [oldest] = sequenceNumbers(transport);
    for (let i = 0; i < 2048; i += 1) hub.handleAccessUnit(deltaFrame());
    sender.handleRtcp(nackPacket(ssrc, [oldest!]));
    sender.handleRtcp(nackPacket(ssrc, [(oldest! + 30_000) & 0xffff]));
    expect(sender.stats).toMatchObject({ packetsResent: 0, nackedPacketsUnknown: 2 });
  });

  it('is repaired across the wrap of the sequence number', () => {
    const { sender, transport } = watch();
    play(1);
    const newest = () => transport.packets.at(-1)!.readUInt16BE(2);
    while (newest() < 65_000) {
      transport.packets.length = 0;
      hub.handleAccessUnit(deltaFrame(100_000));
    }
    while (newest() !== 1) hub.handleAccessUnit(deltaFrame());
    const sentBefore = transport.packets.length;
    for (const sequenceNumber of [0xfffe, 0xffff, 0, 1]) sender.handleRtcp(nackPacket(ssrc, [sequenceNumber]));
    expect(sequenceNumbers(transport).slice(sentBefore)).toEqual([0xfffe, 0xffff, 0, 1]);
  });
});

describe('feedback', () => {
  it('PLI and FIR for its line ask for a keyframe', () => {
    const { sender } = watch();
    play(3);
    vi.advanceTimersByTime(2_000);
    onKeyframeNeeded.mockClear();
    sender.handleRtcp(pliPacket(otherSsrc));
    expect(onKeyframeNeeded).not.toHaveBeenCalled();
    sender.handleRtcp(pliPacket(ssrc));
    expect(onKeyframeNeeded).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(2_000);
    sender.handleRtcp(firPacket(ssrc));
    expect(onKeyframeNeeded).toHaveBeenCalledTimes(2);
    expect(sender.stats).toMatchObject({ pliReceived: 1, firReceived: 1 });
  });

  it('of the transport is counted', () => {
    const { sender } = watch();
    const packetChunks = [new StatusVectorChunk({ symbolSize: 1, symbolList: [1, 0, 1] })];
    const recvDeltas = [new RecvDelta({ type: 1, delta: 250 }), new RecvDelta({ type: 1, delta: 500 })];
    const counters = { baseSequenceNumber: 0, packetStatusCount: 3, referenceTime: 1, fbPktCount: 0 };
    sender.handleRtcp(twccPacket({ ...counters, packetChunks, recvDeltas }));
    expect(sender.stats).toMatchObject({ twccFeedbacks: 1, twccPacketsReported: 3, twccPacketsLost: 1 });
  });

  it('that is malformed is counted and changes nothing', () => {
    const { sender } = watch();
    sender.handleRtcp(Buffer.from('not an rtcp packet'));
    expect(sender.stats.rtcpMalformed).toBe(1);
  });
});

describe('sender reports', () => {
  const reports = (transport: FakePacketTransport) =>
    transport.rtcp.filter((packet): packet is RtcpSrPacket => packet instanceof RtcpSrPacket);

  it('go out once a second after the first frame', () => {
    const { transport } = watch();
    vi.advanceTimersByTime(5_000);
    expect(transport.packets).toEqual([]);
    hub.handleAccessUnit(keyframe());
    vi.advanceTimersByTime(3_000);
    expect(reports(transport)).toHaveLength(3);
  });

  it('tie the RTP clock to the wall clock and count what was sent', () => {
    const { sender, transport } = watch();
    play(62);
    const [first, second] = reports(transport);
    expect(((second!.senderInfo.rtpTimestamp - first!.senderInfo.rtpTimestamp) >>> 0) / 90).toBeCloseTo(1000, 0);
    expect(Number((second!.senderInfo.ntpTimestamp - first!.senderInfo.ntpTimestamp) >> 32n)).toBe(1);
    const before = transport.packets.findIndex((packet) => packet[1] === 200);
    const sent = transport.packets.slice(0, before);
    const octetCount = sent.reduce((bytes, packet) => bytes + packet.length - 24, 0);
    expect(first).toMatchObject({ ssrc, senderInfo: { packetCount: before, octetCount } });
    expect(sender.stats.framesSent).toBe(62);
  });

  it('agree with the timestamps of frames that arrive without delay', () => {
    const { transport } = watch();
    hub.handleAccessUnit(keyframe());
    const { timestamp } = transport.rtp[0]!.header;
    vi.advanceTimersByTime(1_000);
    expect((reports(transport)[0]!.senderInfo.rtpTimestamp - timestamp) >>> 0).toBe(90_000);
  });

  it('answered by the viewer give round trip and loss, even when the wall clock jumps', () => {
    const { sender, transport } = watch();
    play(40);
    const [report] = reports(transport);
    const sentMsAgo = 40 * 33 - 1_000;
    vi.setSystemTime(Date.now() + 365 * 86_400_000);
    const lsr = Number((report!.senderInfo.ntpTimestamp >> 16n) & 0xffffffffn);
    sender.handleRtcp(receiverReport({ ssrc, lsr, dlsr: 0.25 * 65_536, fractionLost: 51 }));
    expect(sender.stats.rttMs).toBeCloseTo(sentMsAgo - 250, 0);
    expect(sender.stats.lossFraction).toBeCloseTo(0.2, 2);
  });

  it('that were never sent tell nothing', () => {
    const { sender } = watch();
    play(40);
    sender.handleRtcp(receiverReport({ ssrc, lsr: 12345, dlsr: 0 }));
    sender.handleRtcp(receiverReport({ ssrc: otherSsrc, lsr: 0, dlsr: 0, fractionLost: 255 }));
    expect(sender.stats).toMatchObject({ rttMs: null, lossFraction: 0 });
  });
});
