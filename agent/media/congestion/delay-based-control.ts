import { AcknowledgedBitrate } from './acknowledged-bitrate.ts';
import { DelaySlots } from './delay-slots.ts';
import type { ArrivedPacket } from './feedback-reader.ts';
import { OveruseDetector } from './overuse-detector.ts';
import { QueueDelay } from './queue-delay.ts';
import { type RateChange, RateControl, type RateControlOptions } from './rate-control.ts';
import { StandingQueue } from './standing-queue.ts';
import { Trendline } from './trendline.ts';

/** From one packet to the next the delay changes by so much only when the receiver's clock jumped. */
const clockJumpMs = 3_000;

/**
 * The delay-based controller (draft-ietf-rmcat-gcc-02, section 5): packets that arrived, in; the rate at which queues
 * do not grow, out.
 */
export class DelayBasedControl {
  private readonly slots = new DelaySlots();
  private readonly trendline = new Trendline();
  private readonly detector = new OveruseDetector();
  private readonly acknowledged = new AcknowledgedBitrate();
  private readonly queue = new QueueDelay();
  private readonly standingQueue = new StandingQueue();
  private readonly rate: RateControl;
  private oneWayMs: number | null = null;

  constructor(options: RateControlOptions) {
    this.rate = new RateControl(options);
  }

  /** Without what a drain takes off for the moment. */
  get estimateKbps(): number {
    return this.rate.kbps;
  }

  /** Infinity, or the lower rate at which a long queue empties. */
  get drainKbps(): number {
    return this.standingQueue.drainKbps(this.rate.kbps);
  }

  get acknowledgedKbps(): number | null {
    return this.acknowledged.kbps;
  }

  get queueMs(): number {
    return this.queue.ms;
  }

  get isOverusing(): boolean {
    return this.detector.usage === 'overuse';
  }

  /** Whether the estimate is about what filled the path the last times. */
  get isNearCapacity(): boolean {
    return this.rate.isNearCapacity;
  }

  /** Takes the packets that arrived, in the order they were sent. */
  handleArrival(packet: ArrivedPacket): void {
    const oneWayMs = packet.arrivedAtMs - packet.sentAtMs;
    if (Math.abs(oneWayMs - (this.oneWayMs ?? oneWayMs)) > clockJumpMs) this.forgetDelays();
    this.oneWayMs = oneWayMs;
    this.acknowledged.add(packet.arrivedAtMs, packet.sizeBytes);
    this.queue.add({ ...packet, oneWayMs });
    this.detectOveruse(packet);
  }

  /** Some packets before the next ones are not known to have arrived or not, because a feedback message is missing. */
  handleGap(): void {
    this.acknowledged.skipGap();
  }

  /**
   * Ends the packets of one feedback message. While the application sends less than it may, what arrives says what was
   * sent, not what the path carries: over-use must have left a queue then to be believed.
   *
   * @param isAppLimited whether less is sent than the target allows
   */
  update(rttMs: number, isAppLimited: boolean, atMs: number): RateChange {
    this.queue.endFeedback(atMs);
    const queueMs = this.queue.ms;
    const isExcused = this.standingQueue.excusesOveruse(atMs) || (isAppLimited && !this.queue.isStanding);
    const usage = this.isOverusing && isExcused ? 'underuse' : this.detector.usage;
    if (usage === 'overuse') this.acknowledged.expectChange();
    const acknowledgedKbps = this.acknowledged.kbps;
    const change = this.rate.update({ usage, acknowledgedKbps, isAppLimited, rttMs, atMs });
    this.standingQueue.update({ queueMs, didDecrease: change === 'decrease', atMs });
    return change;
  }

  setEstimate(kbps: number, atMs: number): void {
    this.rate.setEstimate(kbps, atMs);
  }

  private detectOveruse({ sentAtMs, arrivedAtMs, ownQueueMs }: ArrivedPacket): void {
    const queueMs = arrivedAtMs - sentAtMs - this.queue.baseMs;
    const slot = this.slots.add(Math.max(0, queueMs - ownQueueMs), arrivedAtMs);
    if (slot === null) return;
    const trend = this.trendline.add(slot.delayMs, arrivedAtMs);
    const { delayMs, elapsedMs } = slot;
    this.detector.update({ delayMs, trend, samples: this.trendline.samples, elapsedMs, atMs: arrivedAtMs });
  }

  private forgetDelays(): void {
    this.acknowledged.skipGap();
    this.slots.reset();
    this.trendline.reset();
    this.detector.reset();
    this.queue.reset();
  }
}
