import type { AccessUnit } from './access-unit.ts';
import { GopCache } from './gop-cache.ts';
import { KeyframeRequests } from './keyframe-requests.ts';
import type { MediaClock } from './media-clock.ts';
import { ntpTimeOf } from './ntp-time.ts';
import { PacketHistory } from './packet-history.ts';
import type { PacketizedUnit, Packetizer } from './packetized-unit.ts';
import { stampCaptureTime } from './rtp-packet.ts';

/** Takes the pictures of a rendition. It must not block; what it cannot send it drops. */
export interface RenditionSubscriber {
  /** @param timeMs the time to show the unit at: that of its capture, unless it comes from the cache */
  handleUnit(unit: PacketizedUnit, timeMs: number): void;
}

/**
 * What a subscriber gets first: the `cached-group`, or, where there is none, a keyframe asked for; the `next-keyframe`,
 * asked for; or whatever comes, from `now` on.
 */
export interface SubscriptionStart {
  from: 'cached-group' | 'next-keyframe' | 'now';
}

export interface RenditionHubOptions {
  packetizer: Packetizer;
  clock: MediaClock;
  /** Asks the encoder for an IDR picture; called at most once a second. */
  onKeyframeNeeded: () => void;
  /** A subscriber threw; the others were served all the same. */
  onSubscriberError: (error: unknown) => void;
  /** Above this size of the group of pictures a joiner gets a keyframe asked for instead. */
  gopCacheMaxBytes?: number;
}

export interface RenditionHubStats {
  unitsReceived: number;
  /** Malformed, or useless to a decoder. */
  unitsDropped: number;
  keyframesReceived: number;
  keyframesRequested: number;
  subscribers: number;
}

/** Four seconds at 4 Mbit/s. */
const gopCacheDefaultMaxBytes = 2 * 1024 * 1024;

/** An older group is a still of the past (the encoder was stopped), which must not be shown as the present. */
const gopCacheMaxAgeMs = 3_000;

/** Pictures of the cached group are shown this far apart: too fast to be seen, and still in order. */
const cachedStepMs = 1;

/**
 * One rendition of one camera and all its viewers. Each access unit is packetised once; viewers share the packets,
 * the retransmission history and the cached group of pictures.
 */
export class RenditionHub {
  /** Where packets can be found again that viewers miss. */
  readonly history = new PacketHistory();
  private readonly packetizer: Packetizer;
  private readonly clock: MediaClock;
  private readonly onSubscriberError: (error: unknown) => void;
  private readonly keyframeRequests: KeyframeRequests;
  private readonly cache: GopCache;
  private readonly subscribers = new Set<RenditionSubscriber>();
  private readonly counts = { unitsReceived: 0, unitsDropped: 0, keyframesReceived: 0, keyframesRequested: 0 };

  constructor(options: RenditionHubOptions) {
    this.packetizer = options.packetizer;
    this.clock = options.clock;
    this.onSubscriberError = options.onSubscriberError;
    this.cache = new GopCache(options.gopCacheMaxBytes ?? gopCacheDefaultMaxBytes);
    this.keyframeRequests = new KeyframeRequests(options.clock, () => {
      this.counts.keyframesRequested += 1;
      options.onKeyframeNeeded();
    });
  }

  get stats(): RenditionHubStats {
    return { ...this.counts, subscribers: this.subscribers.size };
  }

  /** What a joiner would get at once. */
  get cachedBytes(): number {
    return this.cache.bytes;
  }

  /** Takes the next unit of the encoder, in decoding order, and hands it to every subscriber before it returns. */
  handleAccessUnit(accessUnit: AccessUnit): void {
    this.counts.unitsReceived += 1;
    const unit = this.packetize(accessUnit);
    if (unit === null) {
      this.counts.unitsDropped += 1;
      return;
    }
    if (unit.isKeyframe) this.counts.keyframesReceived += 1;
    this.keyframeRequests.handlePicture(unit.isKeyframe);
    // The cache is extended after the fan-out: whoever subscribes in the middle of it is visited by the loop, and
    // would otherwise get this unit twice.
    for (const subscriber of this.subscribers) this.deliver(subscriber, unit, unit.capturedAtMs);
    this.cache.add(unit);
  }

  /**
   * Adds a subscriber. A cached group of pictures is delivered before this returns, so that its decoder catches up at once.
   * In any case the first unit it gets may be any: waiting for a keyframe is its task.
   */
  subscribe(subscriber: RenditionSubscriber, { from }: SubscriptionStart): void {
    this.subscribers.add(subscriber);
    if (from === 'cached-group' && this.isCacheFresh) this.deliverCachedGroup(subscriber);
    else if (from !== 'now') this.requestKeyframe();
  }

  /** The subscriber gets nothing more. Idempotent. */
  unsubscribe(subscriber: RenditionSubscriber): void {
    this.subscribers.delete(subscriber);
  }

  /** Wishes for a keyframe, soon: at most one a second reaches the encoder, for all viewers together. */
  requestKeyframe(): void {
    this.keyframeRequests.request();
  }

  /** Lets go of all subscribers, packets and timers. Idempotent. */
  close(): void {
    this.keyframeRequests.close();
    this.subscribers.clear();
    this.cache.clear();
  }

  private packetize(accessUnit: AccessUnit): PacketizedUnit | null {
    const frame = this.packetizer.packetize(accessUnit);
    if (frame === null) return null;
    const [firstPacket] = frame.packets;
    if (firstPacket !== undefined) stampCaptureTime(firstPacket, ntpTimeOf(this.wallClockAt(accessUnit.capturedAtMs)));
    return {
      packets: frame.packets,
      isKeyframe: frame.isKeyframe,
      durationTicks: frame.durationTicks,
      capturedAtMs: accessUnit.capturedAtMs,
      arrivedAtMs: accessUnit.arrivedAtMs,
      history: this.history,
      firstPacketIndex: this.history.add(frame.packets),
      bytes: frame.packets.reduce((bytes, packet) => bytes + packet.length, 0),
    };
  }

  private wallClockAt(monotonicMs: number): number {
    return this.clock.wallClockMs() - (this.clock.nowMs() - monotonicMs);
  }

  private get isCacheFresh(): boolean {
    const newest = this.cache.units.at(-1);
    return newest !== undefined && this.clock.nowMs() - newest.arrivedAtMs <= gopCacheMaxAgeMs;
  }

  private deliverCachedGroup(subscriber: RenditionSubscriber): void {
    const { units } = this.cache;
    const newestMs = units.at(-1)?.capturedAtMs ?? 0;
    units.forEach((unit, i) => {
      this.deliver(subscriber, unit, newestMs - (units.length - 1 - i) * cachedStepMs);
    });
  }

  private deliver(subscriber: RenditionSubscriber, unit: PacketizedUnit, timeMs: number): void {
    try {
      subscriber.handleUnit(unit, timeMs);
    } catch (error) {
      this.onSubscriberError(error);
    }
  }
}
