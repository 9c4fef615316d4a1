import { Buffer } from 'node:buffer';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { isRtcp, RecvDelta, RtcpSrPacket, StatusVectorChunk } from 'werift-rtp';
import { TransportSequence } from '../../../../agent/media/transport-sequence.ts';
import { FakePacketTransport } from '../../../fakes/fake-packet-transport.ts';
import { firPacket, nackPacket, pliPacket, receiverReport, twccPacket } from '../../../helpers/media-rtcp.ts';
import {
  areConsecutive,
  otherSsrc,
  pictureTimestamps,
  SenderBench,
  sequenceNumbers,
  ssrc,
  twccNumbers,
} from '../../../helpers/media-sender-bench.ts';
import { deltaFrame, keyframe } from '../../../helpers/media-units.ts';

let bench: SenderBench;

beforeEach(() => {
  vi.useFakeTimers();
  bench = new SenderBench();
});
afterEach(() => {
  bench.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

describe('VideoSender', () => {
  it('numbers the packets of its line without gaps', () => {
    const { sender, transport } = bench.watch();
    bench.play(20);
    const packets = transport.rtp;
    expect(areConsecutive(sequenceNumbers(transport))).toBe(true);
    expect(new Set(packets.map((packet) => packet.header.ssrc))).toEqual(new Set([ssrc]));
    expect(new Set(packets.map((packet) => packet.header.payloadType))).toEqual(new Set([102]));
    expect(packets.filter((packet) => packet.header.marker)).toHaveLength(20);
    expect(twccNumbers(transport)).toEqual(packets.map((_, i) => i));
    const bytesSent = transport.rtpBuffers.reduce((bytes, packet) => bytes + packet.length, 0);
    expect(sender.stats).toMatchObject({ framesSent: 20, packetsSent: packets.length, bytesSent, framesDropped: 0 });
  });

  it('gives each viewer its own numbers from the shared packets', () => {
    const [first, second] = [bench.watch(), bench.watch({ ssrc: otherSsrc })];
    bench.play(5);
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
    bench.watch({ transport, transportSequence });
    bench.watch({ transport, transportSequence, ssrc: otherSsrc });
    bench.play(5);
    expect(twccNumbers(transport)).toEqual(transport.rtp.map((_, i) => i));
  });

  it('begins with a keyframe', () => {
    const { sender, transport } = bench.watch();
    bench.hub.handleAccessUnit(deltaFrame());
    expect(transport.packets).toEqual([]);
    expect(bench.onKeyframeNeeded).toHaveBeenCalledTimes(1);
    bench.play(2);
    expect(sender.stats).toMatchObject({ framesSent: 2, framesDropped: 0 });
  });

  it('shows the cached group at once, and goes on from it', () => {
    bench.play(10);
    const { sender, transport } = bench.watch();
    expect(sender.stats.framesSent).toBe(10);
    bench.hub.handleAccessUnit(deltaFrame());
    const frames = pictureTimestamps(transport);
    const steps = frames.slice(1).map((timestamp, i) => (timestamp - frames[i]!) >>> 0);
    expect(steps.slice(0, 9)).toEqual(new Array(9).fill(90));
    expect(steps.at(-1)).toBe(33 * 90);
    expect(areConsecutive(sequenceNumbers(transport))).toBe(true);
  });

  it('tells the capture time of a picture by its timestamp', () => {
    const { sender, transport } = bench.watch();
    bench.play(1);
    vi.advanceTimersByTime(123_456);
    const capturedAtMs = performance.now() - 42;
    bench.hub.handleAccessUnit({ ...deltaFrame(), capturedAtMs });
    const elapsedTicks = (pictureTimestamps(transport)[1]! - sender.rtpOffset) >>> 0;
    expect(elapsedTicks / 90).toBeCloseTo(capturedAtMs % (2 ** 32 / 90), 1);
  });

  it('lets time go on with an encoder that starts again, or gives two pictures one time', () => {
    const { transport } = bench.watch();
    bench.hub.handleAccessUnit({ ...keyframe(), ptsTicks90k: 9e9 });
    bench.hub.handleAccessUnit({ ...keyframe(), ptsTicks90k: 0 });
    const [first, second] = pictureTimestamps(transport);
    expect((second! - first!) >>> 0).toBe(1);
  });

  it('names its media line in every packet when told', () => {
    const { transport } = bench.watch({ mid: 'v0' });
    bench.play(2);
    const mids = transport.rtp.map(({ header }) => header.extensions.find(({ id }) => id === 6)?.payload.toString());
    expect(new Set(mids)).toEqual(new Set(['v0']));
  });

  it('sends nothing after close, and closes twice without harm', () => {
    const { sender, transport } = bench.watch();
    bench.play(3);
    const sent = transport.packets.length;
    sender.close();
    sender.close();
    bench.play(3);
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
    const [slow, quick] = [bench.watch(), bench.watch({ ssrc: otherSsrc })];
    bench.play(3);
    slow.transport.accepts = fail;
    bench.hub.handleAccessUnit(deltaFrame());
    slow.transport.accepts = () => true;
    bench.hub.handleAccessUnit(deltaFrame());
    bench.hub.handleAccessUnit(deltaFrame());
    expect(slow.sender.stats).toMatchObject({ framesSent: 3, framesDropped: 3 });
    bench.play(2);
    expect(slow.sender.stats).toMatchObject({ framesSent: 5, framesDropped: 3 });
    expect(quick.sender.stats).toMatchObject({ framesSent: 8, framesDropped: 0 });
    expect(areConsecutive(sequenceNumbers(slow.transport))).toBe(true);
  });

  it('asks for a keyframe once, not for ever while it stays broken', () => {
    const { transport } = bench.watch();
    bench.play(3);
    vi.advanceTimersByTime(5_000);
    bench.onKeyframeNeeded.mockClear();
    transport.accepts = () => false;
    for (let i = 0; i < 10; i += 1) {
      bench.play(30);
      vi.advanceTimersByTime(2_000);
    }
    expect(bench.onKeyframeNeeded).not.toHaveBeenCalled();
    transport.accepts = () => true;
    bench.play(3);
    transport.accepts = () => false;
    bench.hub.handleAccessUnit(deltaFrame());
    expect(bench.onKeyframeNeeded).toHaveBeenCalledTimes(1);
  });

  it('may close its sender while it fails', () => {
    const { sender, transport } = bench.watch();
    bench.play(2);
    transport.accepts = () => {
      sender.close();
      return false;
    };
    bench.play(2);
    expect(bench.hub.stats.subscribers).toBe(0);
    expect(sender.stats).toMatchObject({ framesSent: 2, framesDropped: 0 });
  });
});

describe('loss', () => {
  it('is repaired with the same packet under a new transport-wide number', () => {
    const [lossy, other] = [bench.watch(), bench.watch({ ssrc: otherSsrc })];
    bench.play(4);
    const [lost, alsoLost] = [lossy.transport.rtp[2]!, lossy.transport.rtp[5]!];
    const sentBefore = lossy.transport.rtp.length;
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
    const { sender, transport } = bench.watch();
    bench.play(4);
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
    const { sender, transport } = bench.watch();
    bench.play(31);
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
    const { sender, transport } = bench.watch();
    bench.play(1);
    const [oldest] = sequenceNumbers(transport);
    for (let i = 0; i < 2048; i += 1) bench.hub.handleAccessUnit(deltaFrame());
    sender.handleRtcp(nackPacket(ssrc, [oldest!]));
    sender.handleRtcp(nackPacket(ssrc, [(oldest! + 30_000) & 0xffff]));
    expect(sender.stats).toMatchObject({ packetsResent: 0, nackedPacketsUnknown: 2 });
  });

  it('is repaired across the wrap of the sequence number', () => {
    const { sender, transport } = bench.watch();
    bench.play(1);
    const newest = () => transport.packets.at(-1)!.readUInt16BE(2);
    while (newest() < 65_000) {
      transport.packets.length = 0;
      bench.hub.handleAccessUnit(deltaFrame(100_000));
    }
    while (newest() !== 1) bench.hub.handleAccessUnit(deltaFrame());
    const sentBefore = transport.packets.length;
    for (const sequenceNumber of [0xfffe, 0xffff, 0, 1]) sender.handleRtcp(nackPacket(ssrc, [sequenceNumber]));
    expect(sequenceNumbers(transport).slice(sentBefore)).toEqual([0xfffe, 0xffff, 0, 1]);
  });
});

describe('feedback', () => {
  it('PLI and FIR for its line ask for a keyframe', () => {
    const { sender } = bench.watch();
    bench.play(3);
    vi.advanceTimersByTime(2_000);
    bench.onKeyframeNeeded.mockClear();
    sender.handleRtcp(pliPacket(otherSsrc));
    expect(bench.onKeyframeNeeded).not.toHaveBeenCalled();
    sender.handleRtcp(pliPacket(ssrc));
    expect(bench.onKeyframeNeeded).toHaveBeenCalledTimes(1);
    vi.advanceTimersByTime(2_000);
    bench.play(2, { keyframeAt: -1 });
    sender.handleRtcp(firPacket(ssrc));
    expect(bench.onKeyframeNeeded).toHaveBeenCalledTimes(2);
    expect(sender.stats).toMatchObject({ pliReceived: 1, firReceived: 1 });
  });

  it('of the transport is counted', () => {
    const { sender } = bench.watch();
    const packetChunks = [new StatusVectorChunk({ symbolSize: 1, symbolList: [1, 0, 1] })];
    const recvDeltas = [new RecvDelta({ type: 1, delta: 250 }), new RecvDelta({ type: 1, delta: 500 })];
    const counters = { baseSequenceNumber: 0, packetStatusCount: 3, referenceTime: 1, fbPktCount: 0 };
    sender.handleRtcp(twccPacket({ ...counters, packetChunks, recvDeltas }));
    expect(sender.stats).toMatchObject({ twccFeedbacks: 1, twccPacketsReported: 3, twccPacketsLost: 1 });
  });

  it('about the connection reaches its listener', () => {
    const feedback = { handleFeedback: vi.fn(), handleRemb: vi.fn(), handleReport: vi.fn() };
    const { sender } = bench.watch({ feedback });
    sender.handleRtcp(Buffer.from('8fce00050000000100000000' + '52454d42' + '01035b60' + '00000001', 'hex'));
    sender.handleRtcp(receiverReport({ ssrc, fractionLost: 64 }));
    sender.handleRtcp(receiverReport({ ssrc: otherSsrc, fractionLost: 128 }));
    const packetChunks = [new StatusVectorChunk({ symbolSize: 1, symbolList: [1] })];
    const counters = { baseSequenceNumber: 7, packetStatusCount: 1, referenceTime: 1, fbPktCount: 0 };
    const recvDeltas = [new RecvDelta({ type: 1, delta: 250 })];
    sender.handleRtcp(twccPacket({ ...counters, packetChunks, recvDeltas }));
    const atMs = performance.now();
    expect(feedback.handleRemb.mock.calls).toEqual([[220, atMs]]);
    expect(feedback.handleReport.mock.calls).toEqual([[{ lossFraction: 0.25, rttMs: null }, atMs]]);
    expect(feedback.handleFeedback.mock.calls).toMatchObject([[{ baseSequenceNumber: 7, receivedCount: 1 }, atMs]]);
  });

  it('is read 200 times a second at most', () => {
    const { sender } = bench.watch();
    bench.play(1);
    for (let i = 0; i < 1_000; i += 1) sender.handleRtcp(pliPacket(ssrc));
    expect(sender.stats).toMatchObject({ pliReceived: 400, rtcpOverRate: 600 });
    vi.advanceTimersByTime(1_000);
    for (let i = 0; i < 1_000; i += 1) sender.handleRtcp(pliPacket(ssrc));
    expect(sender.stats.pliReceived).toBe(600);
  });

  it('that is malformed is counted and changes nothing', () => {
    const { sender } = bench.watch();
    sender.handleRtcp(Buffer.from('not an rtcp packet'));
    expect(sender.stats.rtcpMalformed).toBe(1);
  });
});

describe('sender reports', () => {
  const reports = (transport: FakePacketTransport) =>
    transport.rtcp.filter((packet): packet is RtcpSrPacket => packet instanceof RtcpSrPacket);

  it('go out with the first packet, and then once a second', () => {
    const { transport } = bench.watch();
    vi.advanceTimersByTime(5_000);
    expect(transport.packets).toEqual([]);
    bench.hub.handleAccessUnit(keyframe());
    expect(transport.packets.findIndex((packet) => isRtcp(packet))).toBe(1);
    expect(reports(transport)).toHaveLength(1);
    vi.advanceTimersByTime(999);
    expect(reports(transport)).toHaveLength(1);
    vi.advanceTimersByTime(2_001);
    expect(reports(transport)).toHaveLength(4);
  });

  it('wait for a packet that the transport takes', () => {
    const { transport } = bench.watch();
    transport.accepts = (packet) => isRtcp(packet);
    bench.hub.handleAccessUnit(keyframe());
    vi.advanceTimersByTime(1_500);
    expect(transport.packets).toEqual([]);
    transport.accepts = () => true;
    bench.hub.handleAccessUnit(keyframe());
    expect(reports(transport)).toHaveLength(1);
  });

  it('end with a sender that the transport closes while it takes the first packets', () => {
    const { sender, transport } = bench.watch();
    transport.accepts = (packet) => {
      if (isRtcp(packet)) sender.close();
      return true;
    };
    bench.hub.handleAccessUnit(keyframe());
    vi.advanceTimersByTime(3_000);
    expect(reports(transport)).toHaveLength(1);
  });

  it('tie the RTP clock to the wall clock and count what was sent', () => {
    const { sender, transport } = bench.watch();
    bench.play(62);
    const [first, second] = reports(transport);
    expect(((second!.senderInfo.rtpTimestamp - first!.senderInfo.rtpTimestamp) >>> 0) / 90).toBeCloseTo(1000, 0);
    expect(Number((second!.senderInfo.ntpTimestamp - first!.senderInfo.ntpTimestamp) >> 32n)).toBe(1);
    const before = transport.packets.findIndex((packet) => packet[1] === 200);
    const octetCount = transport.rtp.slice(0, before).reduce((bytes, packet) => bytes + packet.payload.length, 0);
    expect(first).toMatchObject({ ssrc, senderInfo: { packetCount: before, octetCount } });
    expect(sender.stats.framesSent).toBe(62);
  });

  it('agree with the capture times of frames', () => {
    const { transport } = bench.watch();
    bench.hub.handleAccessUnit({ ...keyframe(), capturedAtMs: performance.now() - 70 });
    const { timestamp } = transport.rtp[0]!.header;
    vi.advanceTimersByTime(1_000);
    const agoTicks = reports(transport).map(({ senderInfo }) => (senderInfo.rtpTimestamp - timestamp) >>> 0);
    expect(agoTicks).toEqual([70 * 90, 1_070 * 90]);
  });

  it('answered by the viewer give round trip and loss, even when the wall clock jumps', () => {
    const { sender, transport } = bench.watch();
    bench.play(40);
    const [, report] = reports(transport);
    const sentMsAgo = 40 * 33 - 1_000;
    vi.setSystemTime(Date.now() + 365 * 86_400_000);
    const lsr = Number((report!.senderInfo.ntpTimestamp >> 16n) & 0xffffffffn);
    sender.handleRtcp(receiverReport({ ssrc, lsr, dlsr: 0.25 * 65_536, fractionLost: 51 }));
    expect(sender.stats.rttMs).toBeCloseTo(sentMsAgo - 250, 0);
    expect(sender.stats.lossFraction).toBeCloseTo(0.2, 2);
  });

  it('that were never sent tell nothing', () => {
    const { sender } = bench.watch();
    bench.play(40);
    sender.handleRtcp(receiverReport({ ssrc, lsr: 12345, dlsr: 0 }));
    sender.handleRtcp(receiverReport({ ssrc: otherSsrc, lsr: 0, dlsr: 0, fractionLost: 255 }));
    expect(sender.stats).toMatchObject({ rttMs: null, lossFraction: 0 });
  });
});
