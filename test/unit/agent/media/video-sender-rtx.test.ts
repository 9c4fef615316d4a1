import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RtcpSrPacket, type RtpPacket, unwrapRtx } from 'werift-rtp';
import type { FakePacketTransport } from '../../../fakes/fake-packet-transport.ts';
import { nackPacket } from '../../../helpers/media-rtcp.ts';
import {
  areConsecutive,
  rtxLine,
  SenderBench,
  sequenceNumbers,
  ssrc,
  twccNumbers,
} from '../../../helpers/media-sender-bench.ts';

let bench: SenderBench;

const split = (transport: FakePacketTransport) => ({
  media: transport.rtp.filter(({ header }) => header.ssrc === ssrc),
  rtx: transport.rtp.filter(({ header }) => header.ssrc === rtxLine.ssrc),
});

beforeEach(() => {
  vi.useFakeTimers();
  bench = new SenderBench();
});
afterEach(() => {
  bench.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

describe('a retransmission stream', () => {
  it('carries the packets that were lost, under numbers of its own', () => {
    const { sender, transport } = bench.watch({ rtx: rtxLine, mid: 'v0' });
    bench.play(20);
    const lost = transport.rtp.filter((_, i) => i % 3 === 0);
    sender.handleRtcp(
      nackPacket(
        ssrc,
        lost.map(({ header }) => header.sequenceNumber),
      ),
    );
    const { rtx } = split(transport);
    expect(areConsecutive(rtx.map(({ header }) => header.sequenceNumber))).toBe(true);
    expect(new Set(rtx.map(({ header }) => header.payloadType))).toEqual(new Set([rtxLine.payloadType]));
    const unwrapped = rtx.map((packet) => unwrapRtx(packet, 102, ssrc));
    const fields = ({ header, payload }: RtpPacket) => {
      const { sequenceNumber, timestamp, marker, payloadType, ssrc: stream } = header;
      return { sequenceNumber, timestamp, marker, payloadType, stream, payload };
    };
    expect(unwrapped.map(fields)).toEqual(lost.map(fields));
    expect(twccNumbers(transport)).toEqual(transport.rtp.map((_, i) => i));
    expect(sender.stats).toMatchObject({ packetsResent: lost.length, packetsSent: transport.rtp.length });
    expect(sender.stats.bytesSent).toBe(transport.rtpBuffers.reduce((bytes, packet) => bytes + packet.length, 0));
  });

  it('leaves the shared packets as they were', () => {
    const { sender, transport } = bench.watch({ rtx: rtxLine });
    bench.play(3);
    const sent = transport.rtp.map(({ payload }) => payload);
    sender.handleRtcp(nackPacket(ssrc, sequenceNumbers(transport)));
    const late = bench.watch({ ssrc: 7 });
    expect(late.transport.rtp.map(({ payload }) => payload)).toEqual(sent);
  });

  it('keeps a full packet within 1200 bytes', () => {
    const { sender, transport } = bench.watch({ rtx: rtxLine });
    bench.play(1);
    sender.handleRtcp(nackPacket(ssrc, sequenceNumbers(transport)));
    expect(Math.max(...transport.packets.map((packet) => packet.length))).toBeLessThanOrEqual(1200);
  });

  it('does not count in the sender reports of the media', () => {
    const { sender, transport } = bench.watch({ rtx: rtxLine });
    bench.play(2);
    sender.handleRtcp(nackPacket(ssrc, sequenceNumbers(transport)));
    vi.advanceTimersByTime(1_000);
    const report = transport.rtcp.findLast((packet) => packet instanceof RtcpSrPacket);
    expect(report?.senderInfo.packetCount).toBe(split(transport).media.length);
  });

  it('is bounded by the round trip as well', () => {
    const { sender, transport } = bench.watch({ rtx: rtxLine });
    bench.play(1);
    const nack = nackPacket(ssrc, sequenceNumbers(transport).slice(0, 1));
    sender.handleRtcp(nack);
    sender.handleRtcp(nack);
    expect(split(transport).rtx).toHaveLength(1);
  });

  it('counts what it is asked for in vain', () => {
    const { sender, transport } = bench.watch({ rtx: rtxLine });
    bench.play(1);
    sender.handleRtcp(nackPacket(ssrc, [(sequenceNumbers(transport).at(-1)! + 1) & 0xffff]));
    sender.handleRtcp(nackPacket(rtxLine.ssrc, sequenceNumbers(transport)));
    expect(sender.stats).toMatchObject({ packetsResent: 0, nackedPacketsUnknown: 1 });
  });

  it('survives a transport that refuses', () => {
    const { sender, transport } = bench.watch({ rtx: rtxLine });
    bench.play(1);
    transport.accepts = () => false;
    sender.handleRtcp(nackPacket(ssrc, sequenceNumbers(transport)));
    transport.accepts = () => true;
    expect(sender.stats.packetsResent).toBe(0);
    sender.handleRtcp(nackPacket(ssrc, sequenceNumbers(transport)));
    expect(sender.stats.packetsResent).toBe(sequenceNumbers(transport).length / 2);
    expect(areConsecutive(split(transport).rtx.map(({ header }) => header.sequenceNumber))).toBe(true);
    expect(twccNumbers(transport)).toEqual(transport.rtp.map((_, i) => i));
  });
});
