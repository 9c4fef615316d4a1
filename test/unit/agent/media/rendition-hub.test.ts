import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RtpPacket } from 'werift-rtp';
import { H264Packetizer } from '../../../../agent/media/h264-packetizer.ts';
import type { PacketizedUnit } from '../../../../agent/media/packetized-unit.ts';
import {
  RenditionHub,
  type RenditionSubscriber,
  type SubscriptionStart,
} from '../../../../agent/media/rendition-hub.ts';
import { rtpExtensions } from '../../../../agent/media/rtp-packet.ts';
import { deltaFrame, keyframe, processClock, unitOf } from '../../../helpers/media-units.ts';

class Recorder implements RenditionSubscriber {
  readonly units: PacketizedUnit[] = [];
  readonly timesMs: number[] = [];

  handleUnit(unit: PacketizedUnit, timeMs: number): void {
    this.units.push(unit);
    this.timesMs.push(timeMs);
  }
}

const onKeyframeNeeded = vi.fn();
const onSubscriberError = vi.fn();

function buildHub(gopCacheMaxBytes?: number): RenditionHub {
  const packetizer = new H264Packetizer();
  return new RenditionHub({ packetizer, clock: processClock, onKeyframeNeeded, onSubscriberError, gopCacheMaxBytes });
}

function join(hub: RenditionHub, from: SubscriptionStart['from'] = 'cached-group'): Recorder {
  const recorder = new Recorder();
  hub.subscribe(recorder, { from });
  return recorder;
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.clearAllMocks();
});
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

describe('RenditionHub', () => {
  it('packetises a unit once for all subscribers', () => {
    const hub = buildHub();
    hub.handleAccessUnit(keyframe());
    const [first, second] = [join(hub), join(hub)];
    hub.handleAccessUnit(deltaFrame());
    expect(first.units).toHaveLength(2);
    expect(second.units[1]).toBe(first.units[1]);
  });

  it('gives a joiner the whole group, 1 ms apart and before the newest unit', () => {
    const hub = buildHub();
    for (let i = 0; i < 10; i += 1) {
      hub.handleAccessUnit(i === 4 ? keyframe() : deltaFrame());
      vi.advanceTimersByTime(33);
    }
    const watcher = join(hub);
    expect(watcher.units.map((unit) => unit.isKeyframe)).toEqual([true, false, false, false, false, false]);
    const newestMs = watcher.units.at(-1)!.capturedAtMs;
    expect(watcher.timesMs).toEqual([5, 4, 3, 2, 1, 0].map((stepsMs) => newestMs - stepsMs));
    expect(hub.cachedBytes).toBe(watcher.units.reduce((bytes, unit) => bytes + unit.bytes, 0));
    expect(onKeyframeNeeded).not.toHaveBeenCalled();
    hub.handleAccessUnit(deltaFrame());
    expect(watcher.timesMs.at(-1)).toBe(newestMs + 33);
  });

  it('asks for a keyframe when a joiner finds no group', () => {
    const hub = buildHub();
    hub.handleAccessUnit(deltaFrame());
    expect(join(hub).units).toEqual([]);
    expect(onKeyframeNeeded).toHaveBeenCalledTimes(1);
  });

  it('gives up a group over its bound until the next keyframe', () => {
    const hub = buildHub(10_000);
    hub.handleAccessUnit(keyframe(6000));
    hub.handleAccessUnit(deltaFrame(6000));
    hub.handleAccessUnit(deltaFrame(100));
    expect(join(hub).units).toEqual([]);
    expect(onKeyframeNeeded).toHaveBeenCalledTimes(1);
    hub.handleAccessUnit(keyframe(6000));
    expect(join(hub).units).toHaveLength(1);
  });

  it('does not show a joiner the picture of an encoder that stopped long ago', () => {
    const hub = buildHub();
    hub.handleAccessUnit(keyframe());
    vi.advanceTimersByTime(60_000);
    expect(join(hub).units).toEqual([]);
    expect(onKeyframeNeeded).toHaveBeenCalledTimes(1);
  });

  it('serves the others when one subscriber throws', () => {
    const hub = buildHub();
    const failure = new Error('broken viewer');
    const broken = {
      handleUnit: vi.fn(() => {
        throw failure;
      }),
    };
    hub.subscribe(broken, { from: 'now' });
    const watcher = join(hub);
    hub.handleAccessUnit(keyframe());
    hub.handleAccessUnit(deltaFrame());
    expect(watcher.units).toHaveLength(2);
    expect(broken.handleUnit).toHaveBeenCalledTimes(2);
    expect(onSubscriberError.mock.calls).toEqual([[failure], [failure]]);
    hub.close();
  });

  it('gives nothing twice to a subscriber that joins in the middle of a fan-out', () => {
    const hub = buildHub();
    hub.handleAccessUnit(keyframe());
    const late = new Recorder();
    const inviting: RenditionSubscriber = {
      handleUnit: (unit) => {
        if (!unit.isKeyframe && hub.stats.subscribers === 1) hub.subscribe(late, { from: 'cached-group' });
      },
    };
    hub.subscribe(inviting, { from: 'cached-group' });
    hub.handleAccessUnit(deltaFrame());
    expect(late.units.map((unit) => unit.isKeyframe)).toEqual([true, false]);
  });

  it('gives nothing more after unsubscribe and close', () => {
    const hub = buildHub();
    hub.handleAccessUnit(keyframe());
    const [first, second] = [join(hub), join(hub)];
    hub.unsubscribe(first);
    hub.unsubscribe(first);
    hub.handleAccessUnit(deltaFrame());
    expect([first.units.length, second.units.length]).toEqual([1, 2]);
    hub.close();
    hub.handleAccessUnit(deltaFrame());
    expect(second.units).toHaveLength(2);
  });

  it('counts units that cannot be sent, and goes on', () => {
    const hub = buildHub();
    hub.handleAccessUnit(keyframe());
    const watcher = join(hub);
    hub.handleAccessUnit(unitOf([]));
    hub.handleAccessUnit(deltaFrame());
    expect(watcher.units).toHaveLength(2);
    expect(hub.stats).toMatchObject({ unitsReceived: 3, unitsDropped: 1, keyframesReceived: 1 });
  });

  it('gives a subscriber that is to go on from live no cached group, and asks for a keyframe', () => {
    const hub = buildHub();
    hub.handleAccessUnit(keyframe());
    expect(join(hub, 'next-keyframe').units).toEqual([]);
    expect(onKeyframeNeeded).toHaveBeenCalledTimes(1);
  });

  it('bothers no encoder for a subscriber that takes what comes', () => {
    const hub = buildHub();
    hub.handleAccessUnit(keyframe());
    expect(join(hub, 'now').units).toEqual([]);
    expect(onKeyframeNeeded).not.toHaveBeenCalled();
  });

  it('says in the first packet of a picture when it was captured, on the wall clock', () => {
    const hub = buildHub();
    const watcher = join(hub, 'now');
    vi.advanceTimersByTime(500);
    const wallClockMs = Date.now();
    hub.handleAccessUnit({ ...keyframe(), capturedAtMs: processClock.nowMs() - 80 });
    const { packets } = watcher.units[0]!;
    const times = packets.map((packet) => {
      const { extensions } = RtpPacket.deSerialize(packet).header;
      return extensions.find(({ id }) => id === rtpExtensions.absCaptureTime.id)?.payload.readBigUInt64BE();
    });
    expect(times.slice(1)).toEqual(times.slice(1).map(() => undefined));
    const unixMs = (Number(times[0]! >> 16n) / 65_536 - 2_208_988_800) * 1000;
    expect(unixMs).toBeCloseTo(wallClockMs - 80, 0);
  });

  it('finds packets for retransmission until they are too old', () => {
    const hub = buildHub();
    hub.handleAccessUnit(keyframe());
    const [unit] = join(hub).units;
    expect(hub.history.at(unit!.firstPacketIndex + 1)).toBe(unit!.packets[1]);
    expect(hub.history.at(unit!.firstPacketIndex + unit!.packets.length)).toBeUndefined();
    expect(hub.history.at(-1)).toBeUndefined();
    for (let i = 0; i < 2048; i += 1) hub.handleAccessUnit(deltaFrame());
    expect(hub.history.at(unit!.firstPacketIndex + unit!.packets.length - 1)).toBeUndefined();
    expect(hub.history.at(unit!.firstPacketIndex + unit!.packets.length)).toBeDefined();
  });
});

describe('keyframe requests', () => {
  it('reach the encoder at most once a second, and the last one is not lost', () => {
    const hub = buildHub();
    hub.handleAccessUnit(keyframe());
    for (let ms = 0; ms < 2_500; ms += 100) {
      hub.requestKeyframe();
      vi.advanceTimersByTime(100);
      hub.handleAccessUnit(deltaFrame());
    }
    expect(onKeyframeNeeded).toHaveBeenCalledTimes(3);
    vi.advanceTimersByTime(10_000);
    expect(onKeyframeNeeded).toHaveBeenCalledTimes(4);
    expect(hub.stats.keyframesRequested).toBe(4);
  });

  it('leave a slow camera most of its pictures, of which each costs one', () => {
    const hub = buildHub();
    for (let second = 0; second < 9; second += 1) {
      for (let times = 0; times < 5; times += 1) hub.requestKeyframe();
      vi.advanceTimersByTime(1_000);
      hub.handleAccessUnit(deltaFrame());
    }
    expect(onKeyframeNeeded).toHaveBeenCalledTimes(5);
  });

  it('are fulfilled by a keyframe that comes by itself', () => {
    const hub = buildHub();
    hub.requestKeyframe();
    vi.advanceTimersByTime(300);
    hub.requestKeyframe();
    hub.handleAccessUnit(keyframe());
    vi.advanceTimersByTime(10_000);
    expect(onKeyframeNeeded).toHaveBeenCalledTimes(1);
  });

  it('end with the hub', () => {
    const hub = buildHub();
    hub.requestKeyframe();
    hub.requestKeyframe();
    hub.close();
    hub.requestKeyframe();
    vi.advanceTimersByTime(10_000);
    expect(onKeyframeNeeded).toHaveBeenCalledTimes(1);
  });
});
