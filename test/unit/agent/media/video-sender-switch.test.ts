import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RtpPacket } from 'werift-rtp';
import type { RenditionHub } from '../../../../agent/media/rendition-hub.ts';
import type { FakePacketTransport } from '../../../fakes/fake-packet-transport.ts';
import { nackPacket } from '../../../helpers/media-rtcp.ts';
import {
  areConsecutive,
  pictureTimestamps,
  SenderBench,
  sequenceNumbers,
  ssrc,
} from '../../../helpers/media-sender-bench.ts';
import { deltaFrame, keyframe, nalOf, ppsNal, spsNal, unitOf } from '../../../helpers/media-units.ts';

let bench: SenderBench;
let quarter: RenditionHub;
const onQuarterKeyframeNeeded = vi.fn();
const onSwitched = vi.fn();

// The pictures of the other rendition are known by their content.
const quarterKeyframe = () => unitOf([spsNal, ppsNal, nalOf(5, 300, 0xcd)]);
const quarterDelta = () => unitOf([nalOf(1, 100, 0xcd)]);

/** For each picture that was sent, which rendition it is of. */
const renditions = (transport: FakePacketTransport) =>
  transport.rtp
    .filter(({ header }) => header.marker)
    .map(({ payload }) => (payload.at(-1) === 0xcd ? 'quarter' : 'top'));

const timesGoForward = (transport: FakePacketTransport) => {
  const times = pictureTimestamps(transport);
  return times.every((time, i) => i === 0 || ((time - times[i - 1]!) | 0) > 0);
};

beforeEach(() => {
  vi.useFakeTimers();
  vi.clearAllMocks();
  bench = new SenderBench();
  quarter = bench.buildHub(onQuarterKeyframeNeeded);
});
afterEach(() => {
  bench.close();
  quarter.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

describe('a switch to another rendition', () => {
  it('happens at its first live keyframe, which is asked for, while the old one goes on', () => {
    const { sender, transport } = bench.watch({ onSwitched });
    bench.play(3);
    quarter.handleAccessUnit(quarterKeyframe());
    quarter.handleAccessUnit(quarterDelta());
    sender.switchTo(quarter);
    expect(onQuarterKeyframeNeeded).toHaveBeenCalledTimes(1);
    quarter.handleAccessUnit(quarterDelta());
    bench.play(2, { keyframeAt: -1 });
    expect(renditions(transport)).toEqual(['top', 'top', 'top', 'top', 'top']);
    expect(onSwitched).not.toHaveBeenCalled();
    quarter.handleAccessUnit(quarterKeyframe());
    bench.hub.handleAccessUnit(deltaFrame());
    vi.advanceTimersByTime(33);
    quarter.handleAccessUnit(quarterDelta());
    expect(renditions(transport).slice(5)).toEqual(['quarter', 'quarter']);
    expect(onSwitched.mock.calls).toEqual([[quarter]]);
    expect(sender.stats).toMatchObject({ renditionSwitches: 1, framesSent: 7, framesDropped: 0, framesDroppedSlow: 0 });
    expect([bench.hub.stats.subscribers, quarter.stats.subscribers]).toEqual([0, 1]);
  });

  it('leaves no gap in sequence numbers, and lets times go forward even if the new one lags behind', () => {
    const { sender, transport } = bench.watch();
    bench.play(3);
    sender.switchTo(quarter);
    bench.hub.handleAccessUnit(deltaFrame());
    const nowMs = performance.now();
    quarter.handleAccessUnit({ ...quarterKeyframe(), capturedAtMs: nowMs - 50 });
    quarter.handleAccessUnit({ ...quarterDelta(), capturedAtMs: nowMs - 17 });
    quarter.handleAccessUnit({ ...quarterDelta(), capturedAtMs: nowMs + 16 });
    expect(areConsecutive(sequenceNumbers(transport))).toBe(true);
    expect(timesGoForward(transport)).toBe(true);
    const [newest] = pictureTimestamps(transport).slice(-1);
    expect(((newest! - sender.rtpOffset) >>> 0) / 90).toBeCloseTo((nowMs + 16) % (2 ** 32 / 90), 1);
  });

  it('keeps the packets of both renditions for whoever misses them', () => {
    const { sender, transport } = bench.watch();
    bench.play(3);
    sender.switchTo(quarter);
    quarter.handleAccessUnit(quarterKeyframe());
    quarter.handleAccessUnit(quarterDelta());
    const sent = transport.rtpBuffers;
    sender.handleRtcp(nackPacket(ssrc, sequenceNumbers(transport)));
    const payloads = (packets: Buffer[]) => packets.map((packet) => RtpPacket.deSerialize(packet).payload);
    expect(payloads(transport.rtpBuffers.slice(sent.length))).toEqual(payloads(sent));
  });

  it('can be taken back, or replaced, before it is done', () => {
    const { sender, transport } = bench.watch({ onSwitched });
    const half = bench.buildHub();
    bench.play(2);
    sender.switchTo(quarter);
    sender.switchTo(bench.hub);
    quarter.handleAccessUnit(quarterKeyframe());
    bench.play(1, { keyframeAt: -1 });
    expect(renditions(transport)).toEqual(['top', 'top', 'top']);
    sender.switchTo(quarter);
    sender.switchTo(half);
    quarter.handleAccessUnit(quarterKeyframe());
    half.handleAccessUnit(keyframe());
    expect(onSwitched.mock.calls).toEqual([[half]]);
    expect([bench.hub, quarter, half].map((hub) => hub.stats.subscribers)).toEqual([0, 0, 1]);
    half.close();
  });

  it('back and forth ends where it was asked to', () => {
    const { sender, transport } = bench.watch();
    bench.play(2);
    for (const hub of [quarter, bench.hub, quarter]) {
      sender.switchTo(hub);
      hub.handleAccessUnit(hub === quarter ? quarterKeyframe() : keyframe());
    }
    expect(renditions(transport)).toEqual(['top', 'top', 'quarter', 'top', 'quarter']);
    expect(areConsecutive(sequenceNumbers(transport))).toBe(true);
  });

  it('begins with whichever has a keyframe first when nothing has been shown yet', () => {
    const { sender, transport } = bench.watch();
    sender.switchTo(quarter);
    quarter.handleAccessUnit(quarterKeyframe());
    bench.hub.handleAccessUnit(keyframe());
    expect(renditions(transport)).toEqual(['quarter']);
  });

  it('can be waited for without the pictures of the old one', () => {
    const { sender, transport } = bench.watch({ onSwitched });
    bench.play(2);
    sender.switchTo(quarter);
    sender.endPresent();
    sender.endPresent();
    bench.play(2);
    expect(bench.hub.stats.subscribers).toBe(0);
    expect(renditions(transport)).toEqual(['top', 'top']);
    quarter.handleAccessUnit(quarterDelta());
    quarter.handleAccessUnit(quarterKeyframe());
    expect(renditions(transport)).toEqual(['top', 'top', 'quarter']);
    expect(areConsecutive(sequenceNumbers(transport))).toBe(true);
    expect(onSwitched.mock.calls).toEqual([[quarter]]);
  });

  it('can lead back to an old one that was ended', () => {
    const { sender, transport } = bench.watch({ onSwitched });
    bench.play(2);
    sender.switchTo(quarter);
    sender.endPresent();
    sender.switchTo(bench.hub);
    bench.hub.handleAccessUnit(deltaFrame());
    expect(renditions(transport)).toEqual(['top', 'top']);
    bench.hub.handleAccessUnit(keyframe());
    expect(renditions(transport)).toEqual(['top', 'top', 'top']);
    expect([bench.hub.stats.subscribers, quarter.stats.subscribers]).toEqual([1, 0]);
  });

  it('has to be under way for the present one to end', () => {
    const { sender, transport } = bench.watch();
    bench.play(2);
    sender.endPresent();
    bench.play(1);
    expect(renditions(transport)).toEqual(['top', 'top', 'top']);
  });

  it('drops what waits of an old one that is ended', () => {
    const { sender, transport, pacer } = bench.watch();
    pacer.setTarget(1_000);
    bench.hub.handleAccessUnit(keyframe(50_000));
    bench.hub.handleAccessUnit(deltaFrame());
    sender.switchTo(quarter);
    sender.endPresent();
    vi.advanceTimersByTime(500);
    // The one that had begun to leave.
    expect(renditions(transport)).toEqual(['top']);
  });

  it('ends with the sender', () => {
    const { sender, transport } = bench.watch({ onSwitched });
    sender.switchTo(quarter);
    sender.close();
    sender.switchTo(bench.hub);
    quarter.handleAccessUnit(quarterKeyframe());
    expect(transport.packets).toEqual([]);
    expect(onSwitched).not.toHaveBeenCalled();
    expect([bench.hub.stats.subscribers, quarter.stats.subscribers]).toEqual([0, 0]);
  });
});

describe('the mode keyframes-only', () => {
  it('sends keyframes and nothing else, and asks for none', () => {
    const { sender, transport } = bench.watch();
    bench.play(4);
    vi.advanceTimersByTime(2_000);
    bench.onKeyframeNeeded.mockClear();
    sender.setMode('keyframes-only');
    bench.play(10, { keyframeAt: 5 });
    expect(pictureTimestamps(transport)).toHaveLength(5);
    expect(areConsecutive(sequenceNumbers(transport))).toBe(true);
    expect(sender.stats).toMatchObject({ framesSent: 5, framesSkipped: 9, framesDropped: 0, framesDroppedSlow: 0 });
    expect(bench.onKeyframeNeeded).not.toHaveBeenCalled();
  });

  it('ends with a keyframe, which is asked for', () => {
    const { sender, transport } = bench.watch();
    bench.play(3);
    vi.advanceTimersByTime(2_000);
    bench.onKeyframeNeeded.mockClear();
    sender.setMode('keyframes-only');
    bench.play(2, { keyframeAt: -1 });
    sender.setMode('all');
    expect(bench.onKeyframeNeeded).toHaveBeenCalledTimes(1);
    bench.play(2, { keyframeAt: -1 });
    expect(pictureTimestamps(transport)).toHaveLength(3);
    bench.play(3);
    expect(pictureTimestamps(transport)).toHaveLength(6);
  });

  it('that ends before a picture was left out costs nothing', () => {
    const { sender } = bench.watch();
    bench.play(3);
    vi.advanceTimersByTime(2_000);
    bench.onKeyframeNeeded.mockClear();
    sender.setMode('keyframes-only');
    sender.setMode('all');
    bench.play(3, { keyframeAt: -1 });
    expect(sender.stats.framesSent).toBe(6);
    expect(bench.onKeyframeNeeded).not.toHaveBeenCalled();
  });
});
