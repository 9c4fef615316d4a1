import type { Buffer } from 'node:buffer';
import type { AccessUnit } from './access-unit.ts';
import { GopCache } from './gop-cache.ts';
import { KeyframeRequests } from './keyframe-requests.ts';
import { type MediaClock, ticksOf } from './media-clock.ts';
import { MediaTimeline } from './media-timeline.ts';
import { PacketHistory } from './packet-history.ts';
import type { PacketizedPicture, PacketizedUnit } from './packetized-unit.ts';

/** Cuts access units of one codec into RTP packets. Null: the unit is malformed or useless and is dropped. */
export interface Packetizer {
  packetize(unit: AccessUnit): PacketizedPicture | null;
}

/** Takes the pictures of a rendition. It must not block; what it cannot send it drops. */
export interface RenditionSubscriber {
  /** @param timelineTicks the time to send the unit with; differs from the unit's own when it comes from the cache */
  handleUnit(unit: PacketizedUnit, timelineTicks: number): void;
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
const gopCacheMaxAgeTicks = ticksOf(3_000);

/** Pictures of the cached group are shown this far apart: too fast to be seen, and still in order. */
const cachedStepTicks = ticksOf(1);

/**
 * One rendition of one camera and all its viewers. Each access unit is packetised once; viewers share the packets,
 * the retransmission history and the cached group of pictures.
 */
export class RenditionHub {
  private readonly packetizer: Packetizer;
  private readonly clock: MediaClock;
  private readonly onSubscriberError: (error: unknown) => void;
  private readonly keyframeRequests: KeyframeRequests;
  private readonly timeline = new MediaTimeline();
  private readonly history = new PacketHistory();
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

  /** Takes the next picture of the encoder, in decoding order, and hands it to every subscriber before it returns. */
  handleAccessUnit(accessUnit: AccessUnit): void {
    this.counts.unitsReceived += 1;
    const picture = this.packetizer.packetize(accessUnit);
    if (picture === null) {
      this.counts.unitsDropped += 1;
      return;
    }
    const unit: PacketizedUnit = {
      packets: picture.packets,
      isKeyframe: picture.isKeyframe,
      timelineTicks: this.timeline.place(accessUnit),
      firstPacketIndex: this.history.add(picture.packets),
      bytes: picture.packets.reduce((bytes, packet) => bytes + packet.length, 0),
    };
    if (unit.isKeyframe) {
      this.counts.keyframesReceived += 1;
      this.keyframeRequests.handleKeyframe();
    }
    // The cache is extended after the fan-out: whoever subscribes in the middle of it is visited by the loop, and
    // would otherwise get this unit twice.
    for (const subscriber of this.subscribers) this.deliver(subscriber, unit, unit.timelineTicks);
    this.cache.add(unit);
  }

  /**
   * Adds a subscriber and gives it the cached group of pictures before returning, so that its decoder catches up at
   * once; without a usable group a keyframe is asked for. The first unit it gets may be any: waiting for a keyframe
   * is its task.
   */
  subscribe(subscriber: RenditionSubscriber): void {
    this.subscribers.add(subscriber);
    const newest = this.cache.units.at(-1);
    if (newest === undefined || ticksOf(this.clock.nowMs()) - newest.timelineTicks > gopCacheMaxAgeTicks) {
      this.requestKeyframe();
    } else {
      let ticks = newest.timelineTicks - (this.cache.units.length - 1) * cachedStepTicks;
      for (const unit of this.cache.units) {
        this.deliver(subscriber, unit, ticks);
        ticks += cachedStepTicks;
      }
    }
  }

  /** The subscriber gets nothing more. Idempotent. */
  unsubscribe(subscriber: RenditionSubscriber): void {
    this.subscribers.delete(subscriber);
  }

  /** Wishes for a keyframe, soon: at most one a second reaches the encoder, for all viewers together. */
  requestKeyframe(): void {
    this.keyframeRequests.request();
  }

  /** A packet of `PacketizedUnit.firstPacketIndex` and following, or undefined when it is too old. */
  packetAt(index: number): Buffer | undefined {
    return this.history.at(index);
  }

  /** Lets go of all subscribers, packets and timers. Idempotent. */
  close(): void {
    this.keyframeRequests.close();
    this.subscribers.clear();
    this.cache.clear();
  }

  private deliver(subscriber: RenditionSubscriber, unit: PacketizedUnit, timelineTicks: number): void {
    try {
      subscriber.handleUnit(unit, timelineTicks);
    } catch (error) {
      this.onSubscriberError(error);
    }
  }
}
