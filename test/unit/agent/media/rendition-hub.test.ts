import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { H264Packetizer } from '../../../../agent/media/h264-packetizer.ts';
import type { PacketizedUnit } from '../../../../agent/media/packetized-unit.ts';
import { RenditionHub, type RenditionSubscriber } from '../../../../agent/media/rendition-hub.ts';
import { deltaFrame, keyframe, processClock, unitOf } from '../../../helpers/media-units.ts';

class Recorder implements RenditionSubscriber {
  readonly units: PacketizedUnit[] = [];
  readonly ticks: number[] = [];

  handleUnit(unit: PacketizedUnit, timelineTicks: number): void {
    this.units.push(unit);
    this.ticks.push(timelineTicks);
  }
}

const onKeyframeNeeded = vi.fn();
const onSubscriberError = vi.fn();

function buildHub(gopCacheMaxBytes?: number): RenditionHub {
  const packetizer = new H264Packetizer();
  return new RenditionHub({ packetizer, clock: processClock, onKeyframeNeeded, onSubscriberError, gopCacheMaxBytes });
}

function join(hub: RenditionHub): Recorder {
  const recorder = new Recorder();
  hub.subscribe(recorder);
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
    const newest = watcher.units.at(-1)!.timelineTicks;
    expect(watcher.ticks).toEqual([5, 4, 3, 2, 1, 0].map((steps) => newest - steps * 90));
    expect(onKeyframeNeeded).not.toHaveBeenCalled();
    hub.handleAccessUnit(deltaFrame());
    expect(watcher.ticks.at(-1)).toBeGreaterThan(newest + 30 * 90);
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
    hub.subscribe(broken);
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
    hub.subscribe({
      handleUnit: (unit) => {
        if (!unit.isKeyframe && hub.stats.subscribers === 1) hub.subscribe(late);
      },
    });
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

  it('keeps the timeline going when the encoder starts again', () => {
    const hub = buildHub();
    hub.handleAccessUnit(keyframe(100, 90_000));
    const watcher = join(hub);
    vi.advanceTimersByTime(2_000);
    hub.handleAccessUnit(keyframe(100, 0));
    expect(watcher.ticks[1]! - watcher.ticks[0]!).toBe(2_000 * 90);
    expect(join(hub).units).toHaveLength(1);
  });

  it('finds packets for retransmission until they are too old', () => {
    const hub = buildHub();
    hub.handleAccessUnit(keyframe());
    const [unit] = join(hub).units;
    expect(hub.packetAt(unit!.firstPacketIndex + 1)).toBe(unit!.packets[1]);
    expect(hub.packetAt(unit!.firstPacketIndex + unit!.packets.length)).toBeUndefined();
    expect(hub.packetAt(-1)).toBeUndefined();
    for (let i = 0; i < 2048; i += 1) hub.handleAccessUnit(deltaFrame());
    expect(hub.packetAt(unit!.firstPacketIndex + unit!.packets.length - 1)).toBeUndefined();
    expect(hub.packetAt(unit!.firstPacketIndex + unit!.packets.length)).toBeDefined();
  });
});

describe('keyframe requests', () => {
  it('reach the encoder at most once a second, and the last one is not lost', () => {
    const hub = buildHub();
    for (let ms = 0; ms < 2_500; ms += 100) {
      hub.requestKeyframe();
      vi.advanceTimersByTime(100);
    }
    expect(onKeyframeNeeded).toHaveBeenCalledTimes(3);
    vi.advanceTimersByTime(10_000);
    expect(onKeyframeNeeded).toHaveBeenCalledTimes(4);
    expect(hub.stats.keyframesRequested).toBe(4);
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
