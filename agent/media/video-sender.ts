import type { Buffer } from 'node:buffer';
import type { MediaClock } from './media-clock.ts';
import { MediaTimeline } from './media-timeline.ts';
import type { PacedSender, Pacer } from './pacer.ts';
import type { PacketizedUnit } from './packetized-unit.ts';
import type { RenditionHub, RenditionSubscriber } from './rendition-hub.ts';
import { Retransmitter } from './retransmitter.ts';
import { type FeedbackListener, RtcpExchange, type RtcpStats } from './rtcp-exchange.ts';
import { buildRtpStream } from './rtp-packet.ts';
import { type PacketTransport, RtpWriter } from './rtp-writer.ts';
import type { TransportSequence } from './transport-sequence.ts';

export interface VideoSenderOptions {
  hub: RenditionHub;
  transport: PacketTransport;
  /** Shared by all senders of the same peer connection, as is the pacer. */
  transportSequence: TransportSequence;
  pacer: Pacer;
  /** 32 bits, as announced in the SDP. */
  ssrc: number;
  /** 7 bits, as announced in the SDP. */
  payloadType: number;
  /** The retransmission stream (RFC 4588) of this line; without it packets are sent again as they were. */
  rtx?: { ssrc: number; payloadType: number };
  /** Sent in every packet when given; at most `midMaxBytes`. */
  mid?: string;
  /** RTCP canonical name, the same for all lines of a peer connection. */
  cname: string;
  clock: MediaClock;
  feedback?: FeedbackListener;
  /** A switch is done: the pictures come from this hub now, and the one before may end. */
  onSwitched?: (hub: RenditionHub) => void;
}

/** `keyframes-only` is the last step before no picture at all. */
export type VideoMode = 'all' | 'keyframes-only';

export interface VideoSenderStats extends RtcpStats {
  /** RTP packets that the transport took, those sent again included. */
  packetsSent: number;
  /** Their size with RTP headers. */
  bytesSent: number;
  framesSent: number;
  /** Left out, whole or in part, because the transport refused a packet, until the next keyframe. */
  framesDropped: number;
  /** Left out because the pacer's queue was over its bound, until the next keyframe. */
  framesDroppedSlow: number;
  /** Left out on purpose in the mode `keyframes-only`. */
  framesSkipped: number;
  packetsResent: number;
  /** Asked for again, but too old or never sent. */
  nackedPacketsUnknown: number;
  renditionSwitches: number;
  /** How long it takes to send what waits in the connection's pacer now. */
  queueMs: number;
}

/** `joining`: the viewer has seen nothing yet, and waits for a keyframe. */
type SenderState = 'idle' | 'joining' | 'streaming' | 'closed';

/** Why the pictures up to the next keyframe are left out. */
type GapReason = 'refused' | 'slow' | 'keyframes-only';

// How long a packet that was sent again is given to arrive: the round trip, or this while it is unknown, and never
// less than the minimum, since the round trip is computed from what the viewer claims.
const resendPauseDefaultMs = 100;
const resendPauseMinMs = 10;
/** Resends of before a keyframe that take longer would only hold up what follows it. */
const lateResendsMs = 100;
/** After so long without pictures, on a path that is free again, a keyframe is asked for: the next regular one may be a minute away. */
const slowGapMaxMs = 1_000;

/**
 * Sends the pictures of one rendition at a time to one viewer on one video line, answers the viewer's reports and writes
 * sender reports. Sequence numbers and times go on across a switch of renditions.
 */
export class VideoSender implements RenditionSubscriber, PacedSender {
  private readonly pacer: Pacer;
  private readonly clock: MediaClock;
  private readonly onSwitched: (hub: RenditionHub) => void;
  private readonly writer: RtpWriter;
  private readonly rtxWriter: RtpWriter | null;
  private readonly retransmitter: Retransmitter;
  private readonly rtcp: RtcpExchange;
  private readonly timeline = new MediaTimeline();
  /** Null: what was sent has been given up before there is anything else. */
  private hub: RenditionHub | null;
  /** Where the pictures shall come from as soon as it has a keyframe. */
  private nextHub: RenditionHub | null = null;
  private state: SenderState = 'idle';
  private mode: VideoMode = 'all';
  /** Not null: the viewer lacks a picture that the next ones refer to, and waits for a keyframe. */
  private gap: GapReason | null = null;
  private slowSinceMs = 0;
  private readonly framesLeftOut: Record<GapReason, number> = { refused: 0, slow: 0, 'keyframes-only': 0 };
  private framesSent = 0;
  private renditionSwitches = 0;

  constructor(options: VideoSenderOptions) {
    const { hub, transport, transportSequence, pacer, mid, rtx, cname, clock, feedback, onSwitched } = options;
    this.hub = hub;
    this.pacer = pacer;
    this.clock = clock;
    this.onSwitched = onSwitched ?? (() => {});
    const line = { transport, transportSequence, pacer };
    this.writer = new RtpWriter({ ...line, stream: buildRtpStream(options) });
    this.rtxWriter = rtx ? new RtpWriter({ ...line, stream: buildRtpStream({ ...rtx, mid }) }) : null;
    this.retransmitter = new Retransmitter(this.writer, this.rtxWriter);
    this.rtcp = new RtcpExchange({
      writer: this.writer,
      cname,
      clock,
      feedback,
      ticksAt: (monotonicMs) => this.timeline.ticksAt(monotonicMs),
      onNack: (sequenceNumbers) => this.handleNack(sequenceNumbers),
      onKeyframeWish: () => this.hub?.requestKeyframe(),
    });
  }

  get stats(): VideoSenderStats {
    const { writer, rtxWriter, framesLeftOut, framesSent, renditionSwitches } = this;
    return {
      packetsSent: writer.packetsSent + (rtxWriter?.packetsSent ?? 0),
      bytesSent: writer.bytesSent + (rtxWriter?.bytesSent ?? 0),
      framesSent,
      framesDropped: framesLeftOut.refused,
      framesDroppedSlow: framesLeftOut.slow,
      framesSkipped: framesLeftOut['keyframes-only'],
      packetsResent: this.retransmitter.packetsResent,
      nackedPacketsUnknown: this.retransmitter.packetsUnknown,
      renditionSwitches,
      queueMs: this.pacer.queueMs,
      ...this.rtcp.stats,
    };
  }

  /**
   * What turns an RTP timestamp of this line into the time its picture was captured, on the device's monotonic clock:
   * `((rtpTimestamp - rtpOffset) mod 2^32) / 90` milliseconds, which is the capture time modulo 2^32 / 90 ms (13 hours). Of
   * a cached group, with which a viewer begins, it holds for the last picture.
   */
  get rtpOffset(): number {
    return this.writer.timestampOffset;
  }

  /**
   * Begins to send, with a keyframe first: that of the cached group, if the path can take the group without delay. Call
   * it once the transport takes packets.
   */
  open(): void {
    const { hub } = this;
    if (this.state !== 'idle' || hub === null) return;
    this.state = 'joining';
    this.rtcp.open();
    this.pacer.add(this);
    const hasRoom = this.pacer.hasRoomFor(hub.cachedBytes);
    hub.subscribe(this, { from: hasRoom ? 'cached-group' : 'next-keyframe' });
  }

  /** Ends the subscription and the reports. Idempotent. */
  close(): void {
    this.state = 'closed';
    this.rtcp.close();
    this.hub?.unsubscribe(this);
    this.nextHub?.unsubscribe(this);
    this.pacer.remove(this);
  }

  /**
   * Sends the pictures of another hub from its next live keyframe on, which is asked for; until then those of the present
   * one go on. A later call takes the place of one that is not done yet.
   */
  switchTo(hub: RenditionHub): void {
    if (this.state === 'closed') return;
    if (this.state === 'idle') {
      this.hub = hub;
      return;
    }
    if (hub === this.nextHub) return;
    this.nextHub?.unsubscribe(this);
    this.nextHub = hub === this.hub ? null : hub;
    this.nextHub?.subscribe(this, { from: 'next-keyframe' });
  }

  /** Ends the pictures of the present hub before a switch is done, which may take long. Without a switch under way it changes nothing. */
  endPresent(): void {
    if (this.nextHub === null) return;
    this.hub?.unsubscribe(this);
    this.hub = null;
    this.discardWaiting();
  }

  setMode(mode: VideoMode): void {
    this.mode = mode;
    if (mode === 'all' && this.gap === 'keyframes-only') this.hub?.requestKeyframe();
  }

  handleUnit(unit: PacketizedUnit, timeMs: number): void {
    if (this.nextHub !== null && unit.history === this.nextHub.history) {
      if (!unit.isKeyframe) return;
      this.completeSwitch(this.nextHub);
    }
    if (!this.accepts(unit)) return;
    if (unit.isKeyframe) this.forgetLateResends();
    this.pacer.send(this, unit, this.writer.timestampOf(this.timeline.place(timeMs)));
  }

  /** Takes an RTCP packet of the viewer: untrusted, any content; what concerns other lines is ignored. */
  handleRtcp(packet: Buffer): void {
    if (this.state !== 'closed') this.rtcp.handlePacket(packet);
  }

  sendPacket(unit: PacketizedUnit, packetIndex: number, timestamp: number): boolean {
    const packet = unit.packets[packetIndex];
    const sequenceNumber = packet === undefined ? null : this.writer.send(packet, timestamp);
    if (sequenceNumber === null) return false;
    this.retransmitter.remember(sequenceNumber, unit.history, unit.firstPacketIndex + packetIndex, timestamp);
    this.rtcp.handlePacketSent();
    return true;
  }

  handlePictureSent(): void {
    this.framesSent += 1;
  }

  /**
   * The rest of the group cannot be decoded without this unit. A refused keyframe is not asked for again: a transport
   * that stays broken must not turn everybody's stream into keyframes.
   */
  handlePictureRefused(unit: PacketizedUnit, waitingCount: number): void {
    if (this.state === 'closed') return; // a transport that fails may close its sender before it returns
    this.gap = 'refused';
    this.framesLeftOut.refused += 1 + waitingCount;
    if (!unit.isKeyframe) this.hub?.requestKeyframe();
  }

  /**
   * No keyframe is asked for yet: it would make the stream heavier for everybody, and for a viewer who cannot take it as it
   * is. The next regular one may do, or that of a lower rendition.
   */
  handlePictureDropped(isFollowed: boolean): void {
    this.framesLeftOut.slow += 1;
    if (isFollowed || this.gap === 'slow') return;
    this.gap = 'slow';
    this.slowSinceMs = this.clock.nowMs();
  }

  resendNext(): boolean {
    return this.retransmitter.resendNext(this.clock.nowMs());
  }

  sendFiller(): boolean {
    return this.retransmitter.sendFiller();
  }

  private accepts(unit: PacketizedUnit): boolean {
    if (this.state === 'joining' && unit.isKeyframe) this.state = 'streaming';
    if (this.state !== 'streaming') return false;
    if (unit.isKeyframe) this.gap = null;
    else if (this.mode === 'keyframes-only') this.gap ??= 'keyframes-only';
    if (this.gap === 'slow') this.endSlowGap();
    if (this.gap !== null) this.framesLeftOut[this.gap] += 1;
    return this.gap === null;
  }

  private endSlowGap(): void {
    const nowMs = this.clock.nowMs();
    if (this.mode !== 'all' || this.pacer.queueMs > 0 || nowMs - this.slowSinceMs < slowGapMaxMs) return;
    this.slowSinceMs = nowMs;
    this.hub?.requestKeyframe();
  }

  /** On a path that has become narrow, much of what the viewer misses is of no use any more once it gets a keyframe. */
  private forgetLateResends(): void {
    if (this.pacer.drainMs(this.retransmitter.wantedMaxBytes) > lateResendsMs) this.retransmitter.forget();
  }

  private completeSwitch(hub: RenditionHub): void {
    this.hub?.unsubscribe(this);
    this.hub = hub;
    this.nextHub = null;
    this.renditionSwitches += 1;
    this.discardWaiting();
    this.onSwitched(hub);
  }

  /** What waits of the rendition before is of no use any more, least of all when the path has become slow. */
  private discardWaiting(): void {
    this.framesLeftOut.slow += this.pacer.discardWaiting(this);
  }

  private handleNack(sequenceNumbers: readonly number[]): void {
    const pauseMs = Math.max(resendPauseMinMs, this.rtcp.rttMs ?? resendPauseDefaultMs);
    this.retransmitter.request(sequenceNumbers, { nowMs: this.clock.nowMs(), pauseMs });
    this.pacer.handleResendsWanted();
  }
}
