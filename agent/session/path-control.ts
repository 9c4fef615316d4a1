import { CongestionController, type TargetReason } from '../media/congestion/congestion-controller.ts';
import type { MediaClock } from '../media/media-clock.ts';
import { Pacer } from '../media/pacer.ts';
import type { FeedbackListener } from '../media/rtcp-exchange.ts';
import { TransportSequence } from '../media/transport-sequence.ts';
import type { TwccFeedback } from '../media/twcc-feedback.ts';

export interface PathControlOptions {
  clock: MediaClock;
  /** What the best renditions of all lines, and the sound, take together. */
  neededKbps: number;
  /** Below this not even single pictures of the smallest renditions get through beside the sound. */
  minKbps: number;
  /** The target has been looked at again; it may be the same. */
  onTarget(): void;
  /** Pictures were left out, because the path is too slow for them; told at most once a second. */
  onPicturesDropped(count: number): void;
}

/** Room for retransmissions and for a picture that moves a lot; also what a probe looks for. */
const headroom = 3;
/** The picture begins at full size and falls at the first sign of a queue: most paths carry it, and people see it at once. */
const startShare = 1.25;
/**
 * A keyframe of 720p at 2 Mbit/s, in about 32 packets: what large web servers send before they know anything of a path. Paced, the
 * first picture would be there 20 ms later.
 */
const firstBurstBytes = 40_000;
const tickMs = 100;

/**
 * The path to one viewer: joins what all media lines of a connection send and what the viewer reports with the congestion
 * controller, and its target with the pacer.
 */
export class PathControl implements FeedbackListener {
  readonly transportSequence = new TransportSequence();
  readonly pacer: Pacer;
  private readonly controller: CongestionController;
  private readonly clock: MediaClock;
  private readonly minKbps: number;
  private readonly onTarget: () => void;
  private timer: NodeJS.Timeout | null = null;

  constructor(options: PathControlOptions) {
    const { clock, neededKbps, minKbps, onTarget, onPicturesDropped } = options;
    this.clock = clock;
    this.onTarget = onTarget;
    this.minKbps = minKbps;
    this.controller = new CongestionController({
      minKbps,
      startKbps: Math.max(minKbps, neededKbps * startShare),
      ...this.needsFor(neededKbps),
    });
    this.pacer = new Pacer({
      clock,
      firstBurstBytes,
      onSent: (packet) => this.controller.handleSent(packet),
      onPicturesDropped,
    });
  }

  get targetKbps(): number {
    return this.controller.targetKbps;
  }

  /** Why the target is what it is. */
  get reason(): TargetReason {
    return this.controller.reason;
  }

  /** Another camera is on show. @param neededKbps as in the options */
  setNeeded(neededKbps: number): void {
    this.controller.setNeeds(this.needsFor(neededKbps));
    this.apply();
  }

  open(): void {
    this.timer ??= setInterval(() => {
      this.controller.handleTick(this.clock.nowMs());
      this.apply();
    }, tickMs);
    this.pacer.setTarget(this.targetKbps);
  }

  close(): void {
    if (this.timer) clearInterval(this.timer);
    this.timer = null;
    this.pacer.close();
  }

  handleFeedback(feedback: TwccFeedback, atMs: number): void {
    this.controller.handleFeedback(feedback, atMs);
    this.apply();
  }

  handleRemb(kbps: number, atMs: number): void {
    this.controller.handleRemb(kbps, atMs);
  }

  handleReport(report: { lossFraction: number; rttMs: number | null }, atMs: number): void {
    this.controller.handleReport(report, atMs);
  }

  private needsFor(neededKbps: number): { neededKbps: number; maxKbps: number } {
    return { neededKbps: neededKbps * startShare, maxKbps: Math.max(this.minKbps, neededKbps * headroom) };
  }

  private apply(): void {
    this.pacer.setTarget(this.targetKbps);
    const probe = this.controller.takeProbe(this.clock.nowMs());
    if (probe) this.pacer.startProbe(probe);
    this.onTarget();
  }
}
