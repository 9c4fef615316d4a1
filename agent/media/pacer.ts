import type { ProbeRequest } from './congestion/probe-cluster.ts';
import type { SentPacket } from './congestion/transport-history.ts';
import type { MediaClock } from './media-clock.ts';
import { PacingBudget } from './pacing-budget.ts';
import type { PacketizedUnit } from './packetized-unit.ts';
import { PictureQueue, type WaitingPicture } from './picture-queue.ts';
import { ProbeBurst } from './probe-burst.ts';
import { SlowReports } from './slow-reports.ts';

/** A sender of pictures as its pacer sees it. */
export interface PacedSender {
  /** Sends one packet of a picture. False when the transport refused it. */
  sendPacket(unit: PacketizedUnit, packetIndex: number, timestamp: number): boolean;
  /** All packets of a picture have left. */
  handlePictureSent(): void;
  /** A packet was refused: its picture is given up, and with it so many pictures that waited behind. */
  handlePictureRefused(unit: PacketizedUnit, waitingCount: number): void;
  /**
   * A picture waited in a queue that grew too long, and will not be sent.
   *
   * @param isFollowed whether a keyframe that came after it will be
   */
  handlePictureDropped(isFollowed: boolean): void;
  /** Sends again the next packet that the viewer misses. False when there is none. */
  resendNext(): boolean;
  /** Sends a packet that the viewer can do without. False when there is none. */
  sendFiller(): boolean;
}

export interface PacerOptions {
  clock: Pick<MediaClock, 'nowMs'>;
  /** Learns of every packet that the transport took, in the order of the transport-wide sequence numbers. */
  onSent?: (packet: SentPacket) => void;
  /** Pictures had to be left out, because the path is too slow for them; told at most once a second. */
  onPicturesDropped?: (count: number) => void;
  /** How much faster than the target packets leave, so that the queue serves bursts only. */
  pacingFactor?: number;
  /** What leaves at once after a pause, in milliseconds of the pacing rate. */
  burstMs?: number;
  /** What leaves at once beyond that, one time: the first picture of a viewer. */
  firstBurstBytes?: number;
  /** The queue's bounds. One picture is taken beyond them, or one larger than that could never be sent. */
  queueMaxMs?: number;
  queueMaxBytes?: number;
}

const pacingFactorDefault = 2.5;
/**
 * A normal picture at the bitrate of its stream leaves at once (16 ms at 2.5 times the target are 40 ms of media); more
 * at once would overflow short queues.
 */
const burstDefaultMs = 16;
/** The largest keyframe of a rendition that fits the target takes about 100 ms. */
const queueDefaultMaxMs = 500;
const queueDefaultMaxBytes = 2 * 1024 * 1024;

/** How often packets leave while some wait: a burst of this length is one group to the receiver's delay measurement. */
const stepMs = 5;

/**
 * Spreads what one peer connection sends over time, at a multiple of the target bitrate, so that a keyframe does not fill
 * the queues of the path. Packets sent again take turns with pictures in their order; audio passes by, but counts. While
 * nothing waits and the budget allows, a picture leaves without being queued, and without a target everything does.
 *
 * When the path is so slow that the queue grows over its bound, pictures are dropped up to the next keyframe.
 */
export class Pacer {
  private readonly clock: Pick<MediaClock, 'nowMs'>;
  private readonly onSent: PacerOptions['onSent'];
  private readonly pacingFactor: number;
  private readonly queueMaxMs: number;
  private readonly queueMaxBytes: number;
  private readonly budget: PacingBudget;
  private readonly slowReports: SlowReports;
  private readonly senders = new Set<PacedSender>();
  private readonly queue = new PictureQueue<PacedSender>();
  /** Null: no target is known, and nothing waits. */
  private rateKbps: number | null = null;
  private probe: ProbeBurst | null = null;
  private timer: NodeJS.Timeout | undefined;
  private isPumping = false;
  private wasResend = false;

  constructor(options: PacerOptions) {
    this.clock = options.clock;
    this.onSent = options.onSent;
    this.pacingFactor = options.pacingFactor ?? pacingFactorDefault;
    this.queueMaxMs = options.queueMaxMs ?? queueDefaultMaxMs;
    this.queueMaxBytes = options.queueMaxBytes ?? queueDefaultMaxBytes;
    this.budget = new PacingBudget(options.burstMs ?? burstDefaultMs, options.firstBurstBytes);
    this.slowReports = new SlowReports(options.onPicturesDropped ?? (() => {}));
  }

  /** How long it takes to send what waits now. */
  get queueMs(): number {
    return this.drainMs(this.queue.bytes);
  }

  /** Whether a probe is being sent. */
  get isProbing(): boolean {
    return this.probeAt(this.clock.nowMs()) !== null;
  }

  /** @param targetKbps greater than 0, or null: unknown, send everything at once */
  setTarget(targetKbps: number | null): void {
    const nowMs = this.clock.nowMs();
    this.rateKbps = targetKbps === null ? null : targetKbps * this.pacingFactor;
    if (this.rateKbps !== null) this.budget.setRate(this.rateKbps, nowMs);
    this.dropIfTooLong();
    this.pump();
  }

  /** Sends a burst at a rate above the target: what waits, and then packets of no use. */
  startProbe(request: ProbeRequest): void {
    this.probe = new ProbeBurst(request, this.clock.nowMs());
    this.pump();
  }

  /** Whether so many bytes could be queued without being dropped. */
  hasRoomFor(bytes: number): boolean {
    const totalBytes = this.queue.bytes + bytes;
    return totalBytes <= this.queueMaxBytes && this.drainMs(totalBytes) <= this.queueMaxMs;
  }

  /** How long it takes to send so many bytes and nothing else. */
  drainMs(bytes: number): number {
    return this.rateKbps === null ? 0 : (bytes * 8) / this.rateKbps;
  }

  add(sender: PacedSender): void {
    this.senders.add(sender);
  }

  /** Forgets a sender and what it has waiting. Idempotent. */
  remove(sender: PacedSender): void {
    this.senders.delete(sender);
    this.queue.remove(sender, 'all');
    this.pump();
  }

  /** Sends a picture, now or as the budget allows. */
  send(sender: PacedSender, unit: PacketizedUnit, timestamp: number): void {
    if (this.passes(unit.bytes)) {
      this.sendAll(sender, unit, timestamp);
      return;
    }
    this.queue.add({ sender, unit, timestamp, packetsSent: 0, bytesLeft: unit.bytes });
    this.dropIfTooLong();
    this.pump();
  }

  /** Takes out the pictures of a sender that have not begun to leave, and returns how many they were. */
  discardWaiting(sender: PacedSender): number {
    return this.queue.remove(sender, 'not-begun').length;
  }

  /** A sender has packets to send again. */
  handleResendsWanted(): void {
    this.pump();
  }

  /** The transport took an RTP packet. */
  handleSent(transportSequence: number, sizeBytes: number): void {
    const atMs = this.clock.nowMs();
    const probe = this.probeAt(atMs);
    probe?.handleSent(sizeBytes);
    if (this.rateKbps !== null && probe === null) this.budget.spend(sizeBytes);
    this.onSent?.({ transportSequence, sizeBytes, atMs, isProbe: probe !== null });
  }

  /** Drops what waits; senders must be closed as well. Idempotent. */
  close(): void {
    for (const sender of this.senders) this.remove(sender);
    this.probe = null;
    clearTimeout(this.timer);
    this.slowReports.close();
  }

  private passes(bytes: number): boolean {
    if (!this.queue.isEmpty || this.isPumping) return false;
    const nowMs = this.clock.nowMs();
    if (this.probeAt(nowMs) !== null) return false;
    return this.rateKbps === null || this.budget.available(nowMs) >= bytes;
  }

  private sendAll(sender: PacedSender, unit: PacketizedUnit, timestamp: number): void {
    for (let i = 0; i < unit.packets.length; i += 1) {
      if (!sender.sendPacket(unit, i, timestamp)) {
        sender.handlePictureRefused(unit, 0);
        return;
      }
    }
    sender.handlePictureSent();
  }

  private dropIfTooLong(): void {
    if (this.hasRoomFor(0)) return;
    const dropped = this.queue.dropToKeyframes();
    for (const { picture, isFollowed } of dropped) picture.sender.handlePictureDropped(isFollowed);
    this.slowReports.add(dropped.length);
  }

  /** Sends what may leave now and comes back for the rest. What a transport does while it sends must not begin this anew. */
  private pump(): void {
    if (this.isPumping) return;
    this.isPumping = true;
    clearTimeout(this.timer);
    let hasMore = true;
    try {
      while (hasMore && this.waitMs() <= 0) hasMore = this.sendNext();
    } finally {
      this.isPumping = false;
    }
    if (hasMore) this.timer = setTimeout(() => this.pump(), this.waitMs());
  }

  private waitMs(): number {
    const nowMs = this.clock.nowMs();
    const probe = this.probeAt(nowMs);
    if (probe !== null) return probe.waitMs(nowMs);
    if (this.rateKbps === null || this.budget.available(nowMs) > 0) return 0;
    return Math.max(stepMs, this.budget.waitMs(nowMs));
  }

  private probeAt(nowMs: number): ProbeBurst | null {
    if (this.probe?.isOver(nowMs)) this.probe = null;
    return this.probe;
  }

  private sendNext(): boolean {
    const { head } = this.queue;
    // What is missing comes too late behind all that waits, but however much of it there is, the pictures go on.
    const isTurnOfResends = head === undefined || !this.wasResend;
    this.wasResend = isTurnOfResends && this.resendNext();
    if (this.wasResend) return true;
    if (head !== undefined) {
      this.sendPacketOf(head);
      return true;
    }
    if (this.probe !== null) for (const sender of this.senders) if (sender.sendFiller()) return true;
    return false;
  }

  private resendNext(): boolean {
    for (const sender of this.senders) if (sender.resendNext()) return true;
    return false;
  }

  private sendPacketOf(picture: WaitingPicture<PacedSender>): void {
    const { sender, unit, timestamp, packetsSent } = picture;
    const packetBytes = unit.packets[packetsSent]?.length ?? 0;
    const isTaken = sender.sendPacket(unit, packetsSent, timestamp);
    if (this.queue.head !== picture) return; // the sender was closed while it sent
    if (isTaken) {
      if (this.queue.advance(picture, packetBytes)) sender.handlePictureSent();
    } else sender.handlePictureRefused(unit, this.queue.remove(sender, 'all').length - 1);
  }
}
