import type { MediaClock } from './media-clock.ts';

/** An IDR picture costs several times a normal one, and browsers repeat a picture loss indication every 200 ms. */
const pauseMs = 1_000;

/**
 * Turns any number of keyframe wishes into at most one request a second. A wish inside the pause is carried out at
 * its end, unless a keyframe comes by itself until then.
 */
export class KeyframeRequests {
  private readonly clock: MediaClock;
  private readonly onRequest: () => void;
  private lastAtMs = Number.NEGATIVE_INFINITY;
  private timer: NodeJS.Timeout | null = null;
  private isClosed = false;

  constructor(clock: MediaClock, onRequest: () => void) {
    this.clock = clock;
    this.onRequest = onRequest;
  }

  request(): void {
    if (this.timer !== null || this.isClosed) return;
    const waitMs = this.lastAtMs + pauseMs - this.clock.nowMs();
    if (waitMs <= 0) this.carryOut();
    else this.timer = setTimeout(() => this.carryOut(), waitMs);
  }

  /** A keyframe has come: a wish that waits for one is fulfilled. */
  handleKeyframe(): void {
    this.dropTimer();
  }

  /** Drops the waiting wish and ignores all later ones. Idempotent. */
  close(): void {
    this.isClosed = true;
    this.dropTimer();
  }

  private carryOut(): void {
    this.dropTimer();
    this.lastAtMs = this.clock.nowMs();
    this.onRequest();
  }

  private dropTimer(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }
}
