import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { nackPacket } from '../../../helpers/media-rtcp.ts';
import {
  areConsecutive,
  otherSsrc,
  pictureTimestamps,
  rtxLine,
  SenderBench,
  sequenceNumbers,
  ssrc,
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

const bytesOf = (packets: readonly Buffer[]) => packets.reduce((bytes, packet) => bytes + packet.length, 0);

/** Lets time pass and returns how many bytes left in it. */
function bytesWithin(transport: { packets: Buffer[] }, ms: number): number {
  const before = bytesOf(transport.packets);
  vi.advanceTimersByTime(ms);
  return bytesOf(transport.packets) - before;
}

describe('a pacer', () => {
  it('lets everything through at once while no target is known', () => {
    const { transport, pacer } = bench.watch();
    bench.hub.handleAccessUnit(keyframe(500_000));
    expect(pictureTimestamps(transport)).toHaveLength(1);
    expect(pacer.queueMs).toBe(0);
    expect(vi.getTimerCount()).toBe(1); // of the sender reports
  });

  it('lets a normal picture through at once when there is a target', () => {
    const { sender, transport, pacer } = bench.watch();
    pacer.setTarget(2_000);
    for (let i = 0; i < 60; i += 1) {
      bench.hub.handleAccessUnit(i === 0 ? keyframe(8_000) : deltaFrame(8_000));
      expect(pictureTimestamps(transport)).toHaveLength(i + 1);
      vi.advanceTimersByTime(33);
    }
    expect(sender.stats).toMatchObject({ framesSent: 60, framesDroppedSlow: 0, queueMs: 0 });
  });

  it('spreads a large keyframe over time, at 2.5 times the target after a first burst of 16 ms', () => {
    const { transport, pacer } = bench.watch();
    pacer.setTarget(1_000);
    bench.hub.handleAccessUnit(keyframe(100_000));
    const bytesPerMs = (2.5 * 1_000) / 8;
    expect(Math.abs(bytesOf(transport.packets) - 16 * bytesPerMs)).toBeLessThan(1_300);
    expect(pacer.queueMs).toBeCloseTo((100_000 - 16 * bytesPerMs) / bytesPerMs, -2);
    for (let i = 0; i < 5; i += 1) {
      expect(Math.abs(bytesWithin(transport, 40) - 40 * bytesPerMs)).toBeLessThan(2_500);
    }
    vi.advanceTimersByTime(150);
    expect(pictureTimestamps(transport)).toHaveLength(1);
    expect(areConsecutive(sequenceNumbers(transport))).toBe(true);
  });

  it('keeps pictures in order while some wait', () => {
    const { transport, pacer } = bench.watch();
    pacer.setTarget(1_000);
    bench.hub.handleAccessUnit(keyframe(60_000));
    bench.hub.handleAccessUnit(deltaFrame(100));
    expect(pictureTimestamps(transport)).toHaveLength(0);
    vi.advanceTimersByTime(300);
    const times = pictureTimestamps(transport);
    expect(times).toHaveLength(2);
    expect((times[1]! - times[0]!) | 0).toBeGreaterThan(0);
  });

  it('sends what was asked for again before the pictures that wait', () => {
    const { sender, transport, pacer } = bench.watch({ rtx: rtxLine });
    bench.play(3);
    const [lost] = sequenceNumbers(transport);
    pacer.setTarget(500);
    bench.hub.handleAccessUnit(keyframe(50_000));
    const sent = transport.rtp.length;
    sender.handleRtcp(nackPacket(ssrc, [lost!]));
    vi.advanceTimersByTime(20);
    const [next, ...others] = transport.rtp.slice(sent);
    expect(next?.header.ssrc).toBe(rtxLine.ssrc);
    expect(others.length).toBeGreaterThan(0);
  });

  it('holds back a storm of resends as well', () => {
    const { sender, transport, pacer } = bench.watch({ rtx: rtxLine });
    bench.hub.handleAccessUnit(keyframe(100_000));
    const all = sequenceNumbers(transport);
    pacer.setTarget(500);
    const before = transport.packets.length;
    sender.handleRtcp(nackPacket(ssrc, all));
    sender.handleRtcp(nackPacket(ssrc, all));
    expect(bytesOf(transport.packets.slice(before))).toBeLessThan(8_000);
    vi.advanceTimersByTime(1_000);
    expect(sender.stats.packetsResent).toBe(all.length);
  });

  it('sends all that waits when the target is forgotten', () => {
    const { transport, pacer } = bench.watch();
    pacer.setTarget(200);
    bench.hub.handleAccessUnit(keyframe(100_000));
    pacer.setTarget(null);
    expect(pictureTimestamps(transport)).toHaveLength(1);
    expect(pacer.queueMs).toBe(0);
  });

  it('tells of every packet in the order of the transport-wide numbers', () => {
    const { transport, pacer, sent } = bench.watch();
    pacer.setTarget(1_000);
    bench.hub.handleAccessUnit(keyframe(50_000));
    vi.advanceTimersByTime(200);
    expect(sent.map(({ transportSequence }) => transportSequence)).toEqual(transport.rtp.map((_, i) => i));
    expect(sent.map(({ sizeBytes }) => sizeBytes)).toEqual(transport.rtpBuffers.map(({ length }) => length));
    expect(sent.at(-1)!.atMs).toBeGreaterThan(50);
    expect(sent.every(({ isProbe }) => !isProbe)).toBe(true);
  });

  it('sends the cached group to a joiner bit by bit', () => {
    bench.play(20);
    const { sender, transport, pacer } = bench.watch();
    expect(sender.stats.framesSent).toBe(20);
    pacer.setTarget(300);
    const late = bench.watch({ pacer, ssrc: otherSsrc, transport });
    expect(late.sender.stats.framesSent).toBeLessThan(20);
    vi.advanceTimersByTime(500);
    expect(late.sender.stats.framesSent).toBe(20);
  });

  it('asks for a keyframe instead of a cached group that is too much for the path', () => {
    bench.hub.handleAccessUnit(keyframe(100_000));
    const { transport, pacer } = bench.watch();
    pacer.setTarget(100);
    transport.packets.length = 0;
    bench.watch({ pacer, ssrc: otherSsrc, transport });
    expect(transport.packets).toEqual([]);
    expect(bench.onKeyframeNeeded).toHaveBeenCalledTimes(1);
  });
});

describe('a path that is too slow', () => {
  it('drops to the next keyframe, and says so once a second', () => {
    const { sender, transport, pacer, onPicturesDropped } = bench.watch();
    pacer.setTarget(30);
    bench.play(60);
    const { framesSent, framesDroppedSlow } = sender.stats;
    expect(framesDroppedSlow).toBeGreaterThan(10);
    expect(framesSent + framesDroppedSlow).toBeLessThanOrEqual(60);
    vi.advanceTimersByTime(1_000);
    expect(onPicturesDropped.mock.calls.length).toBeLessThanOrEqual(3);
    bench.hub.handleAccessUnit(keyframe(1_000));
    vi.advanceTimersByTime(1_000);
    expect(sender.stats.framesSent).toBe(framesSent + 1);
    expect(areConsecutive(sequenceNumbers(transport))).toBe(true);
  });

  it('asks for no keyframe while the next regular one may do, and for one after a second on a path that is free again', () => {
    const { sender, pacer } = bench.watch();
    pacer.setTarget(2_000);
    bench.play(2);
    bench.onKeyframeNeeded.mockClear();
    for (let i = 0; i < 80; i += 1) bench.hub.handleAccessUnit(deltaFrame(8_000)); // a stall of 2.7 s ends
    expect(sender.stats.framesDroppedSlow).toBeGreaterThan(0);
    bench.play(29, { keyframeAt: -1 });
    expect(bench.onKeyframeNeeded).not.toHaveBeenCalled();
    bench.play(3, { keyframeAt: -1 });
    expect(bench.onKeyframeNeeded).toHaveBeenCalledTimes(1);
    const { framesSent } = sender.stats;
    bench.play(10);
    expect(sender.stats.framesSent).toBe(framesSent + 10);
  });

  it('shows pictures soon however much a viewer has lost that has become of no use', () => {
    const { sender, transport, pacer } = bench.watch({ rtx: rtxLine });
    pacer.setTarget(2_500);
    const quarter = bench.buildHub();
    for (let i = 0; i < 120; i += 1) {
      bench.hub.handleAccessUnit(i % 60 === 0 ? keyframe(30_000) : deltaFrame(8_000));
      vi.advanceTimersByTime(33);
    }
    const lost = sequenceNumbers(transport).slice(-512);
    pacer.setTarget(100);
    sender.switchTo(quarter);
    const sent = transport.packets.length;
    const ask = () => sender.handleRtcp(nackPacket(ssrc, lost));
    ask();
    quarter.handleAccessUnit(keyframe(9_000));
    for (let i = 0; i < 30; i += 1) {
      ask();
      vi.advanceTimersByTime(33);
      quarter.handleAccessUnit(deltaFrame(400));
    }
    const after = transport.rtp.slice(sent);
    const live = after.filter(({ header }) => header.ssrc === ssrc && header.marker);
    expect(live.length).toBeGreaterThan(10);
    expect(after.filter(({ header }) => header.ssrc === rtxLine.ssrc).length).toBeLessThan(5);
    quarter.close();
  });

  it('lets resends and pictures take turns', () => {
    const { sender, transport, pacer } = bench.watch({ rtx: rtxLine });
    pacer.setTarget(2_500);
    bench.hub.handleAccessUnit(keyframe(60_000));
    vi.advanceTimersByTime(300);
    const sent = transport.rtp.length;
    bench.hub.handleAccessUnit(deltaFrame(60_000));
    sender.handleRtcp(nackPacket(ssrc, sequenceNumbers(transport).slice(0, 40)));
    vi.advanceTimersByTime(40);
    const streams = transport.rtp.slice(sent).map(({ header }) => header.ssrc);
    const firstResend = streams.indexOf(rtxLine.ssrc);
    expect(firstResend).toBeGreaterThanOrEqual(0);
    const inTurns = streams.slice(firstResend, firstResend + 10);
    expect(inTurns).toEqual(inTurns.map((_, i) => (i % 2 === 0 ? rtxLine.ssrc : ssrc)));
  });

  it('finishes the picture that it has begun, so that no torn one is shown', () => {
    const { sender, transport, pacer } = bench.watch();
    pacer.setTarget(100);
    bench.hub.handleAccessUnit(keyframe(30_000));
    for (let i = 0; i < 10; i += 1) bench.hub.handleAccessUnit(deltaFrame(5_000));
    vi.advanceTimersByTime(3_000);
    expect(sender.stats).toMatchObject({ framesSent: 1, framesDroppedSlow: 10 });
    expect(transport.rtp.at(-1)?.header.marker).toBe(true);
  });

  it('goes on after a keyframe that was in time to stay in the queue', () => {
    const { sender, pacer } = bench.watch();
    pacer.setTarget(400);
    bench.hub.handleAccessUnit(keyframe(40_000));
    bench.hub.handleAccessUnit(deltaFrame(20_000));
    bench.hub.handleAccessUnit(keyframe(10_000)); // over the bound: the picture before it goes
    expect(sender.stats.framesDroppedSlow).toBe(1);
    vi.advanceTimersByTime(500);
    bench.hub.handleAccessUnit(deltaFrame(1_000));
    vi.advanceTimersByTime(500);
    expect(sender.stats.framesSent).toBe(3);
  });

  it('is noticed at once when the target falls', () => {
    const { sender, pacer } = bench.watch();
    pacer.setTarget(2_000);
    bench.hub.handleAccessUnit(keyframe(60_000));
    for (let i = 0; i < 4; i += 1) bench.hub.handleAccessUnit(deltaFrame(8_000));
    expect(sender.stats.framesDroppedSlow).toBe(0);
    pacer.setTarget(200);
    expect(sender.stats.framesDroppedSlow).toBe(4);
  });

  it('never slows another viewer', () => {
    const [slow, quick] = [bench.watch(), bench.watch({ ssrc: otherSsrc })];
    slow.pacer.setTarget(30);
    quick.pacer.setTarget(3_000);
    bench.play(120);
    expect(quick.sender.stats).toMatchObject({ framesSent: 120, framesDroppedSlow: 0, queueMs: 0 });
    expect(slow.sender.stats.framesDroppedSlow).toBeGreaterThan(60);
    expect(slow.sender.stats.queueMs).toBeLessThan(1_000);
  });

  it('gives up what waits of the rendition before when the switch comes', () => {
    const { sender, transport, pacer } = bench.watch();
    const quarter = bench.buildHub();
    pacer.setTarget(300);
    bench.hub.handleAccessUnit(keyframe(30_000));
    for (let i = 0; i < 3; i += 1) bench.hub.handleAccessUnit(deltaFrame(3_000));
    sender.switchTo(quarter);
    quarter.handleAccessUnit(keyframe(500));
    vi.advanceTimersByTime(1_000);
    expect(sender.stats).toMatchObject({ framesSent: 2, framesDroppedSlow: 3, framesDropped: 0 });
    expect(areConsecutive(sequenceNumbers(transport))).toBe(true);
    quarter.close();
  });

  it('may refuse packets that waited', () => {
    const { sender, transport, pacer } = bench.watch();
    pacer.setTarget(500);
    bench.hub.handleAccessUnit(keyframe(20_000));
    bench.hub.handleAccessUnit(deltaFrame(1_000));
    transport.accepts = () => false;
    vi.advanceTimersByTime(100);
    expect(sender.stats).toMatchObject({ framesDropped: 2, queueMs: 0 });
    transport.accepts = () => true;
    bench.hub.handleAccessUnit(keyframe(1_000));
    vi.advanceTimersByTime(100);
    expect(sender.stats.framesSent).toBe(1);
    expect(areConsecutive(sequenceNumbers(transport))).toBe(true);
  });

  it('may end while packets wait', () => {
    const { sender, transport, pacer } = bench.watch();
    pacer.setTarget(100);
    bench.hub.handleAccessUnit(keyframe(100_000));
    const closeWhileSending = () => {
      sender.close();
      return true;
    };
    transport.accepts = closeWhileSending;
    vi.advanceTimersByTime(1_000);
    const sent = transport.packets.length;
    vi.advanceTimersByTime(1_000);
    expect(transport.packets).toHaveLength(sent);
    expect(pacer.queueMs).toBe(0);
  });
});

describe('a probe', () => {
  const request = { rateKbps: 3_000, bytesMin: 5_600, packetsMin: 5 };
  const probesOf = (sent: { isProbe: boolean; sizeBytes: number; atMs: number }[]) =>
    sent.filter(({ isProbe }) => isProbe);
  const sum = (packets: { sizeBytes: number }[]) => packets.reduce((bytes, { sizeBytes }) => bytes + sizeBytes, 0);

  it('fills the pause between pictures with packets sent again, at its rate', () => {
    const { sender, transport, pacer, sent } = bench.watch({ rtx: rtxLine });
    pacer.setTarget(1_000);
    bench.play(3);
    pacer.startProbe(request);
    expect(pacer.isProbing).toBe(true);
    vi.advanceTimersByTime(200);
    const probes = probesOf(sent);
    expect(pacer.isProbing).toBe(false);
    expect(sum(probes)).toBeGreaterThanOrEqual(request.bytesMin);
    expect(sum(probes)).toBeLessThan(request.bytesMin + 1_200);
    const rateKbps = ((sum(probes) - probes.at(-1)!.sizeBytes) * 8) / (probes.at(-1)!.atMs - probes[0]!.atMs);
    expect(rateKbps / request.rateKbps).toBeCloseTo(1, 0);
    expect(transport.rtp.slice(-probes.length).every(({ header }) => header.ssrc === rtxLine.ssrc)).toBe(true);
    expect(sender.stats.packetsResent).toBe(0);
  });

  it('takes what waits first', () => {
    const { sender, pacer, sent } = bench.watch({ rtx: rtxLine });
    pacer.setTarget(300);
    bench.hub.handleAccessUnit(keyframe(30_000));
    pacer.startProbe({ rateKbps: 6_000, bytesMin: 11_250, packetsMin: 5 });
    vi.advanceTimersByTime(20);
    expect(sum(probesOf(sent))).toBeGreaterThan(11_000);
    vi.advanceTimersByTime(500);
    expect(sender.stats.framesSent).toBe(1);
  });

  it('sends nothing twice to a viewer without a retransmission stream, and marks what comes by itself', () => {
    const { transport, pacer, sent } = bench.watch();
    pacer.setTarget(1_000);
    bench.play(3);
    const before = transport.packets.length;
    pacer.startProbe(request);
    expect(transport.packets).toHaveLength(before);
    bench.hub.handleAccessUnit(deltaFrame(8_000));
    vi.advanceTimersByTime(100);
    expect(sum(probesOf(sent))).toBeGreaterThanOrEqual(request.bytesMin);
    expect(pictureTimestamps(transport)).toHaveLength(4);
  });

  it('that finds nothing to send is over after a while', () => {
    const { pacer, sent } = bench.watch();
    pacer.setTarget(1_000);
    pacer.startProbe(request);
    vi.advanceTimersByTime(501);
    expect(pacer.isProbing).toBe(false);
    bench.play(2);
    expect(probesOf(sent)).toEqual([]);
  });
});
