import type { MediaClock } from './media-clock.ts';

/** An IDR picture costs several times a normal one, and browsers repeat a picture loss indication every 200 ms. */
const pauseMs = 1_000;
/** Each request costs a frame (`filter-commands.ts`): of a camera that gives one a second nothing would be left. */
const picturesBetween = 2;

/**
 * Turns any number of keyframe wishes into at most one request a second, and one in three pictures. A wish inside the pause
 * is carried out at its end, unless a keyframe comes by itself until then.
 */
export class KeyframeRequests {
  private readonly clock: MediaClock;
  private readonly onRequest: () => void;
  private lastAtMs = Number.NEGATIVE_INFINITY;
  private picturesSince = picturesBetween;
  private isWished = false;
  private timer: NodeJS.Timeout | null = null;
  private isClosed = false;

  constructor(clock: MediaClock, onRequest: () => void) {
    this.clock = clock;
    this.onRequest = onRequest;
  }

  request(): void {
    if (this.isWished || this.isClosed) return;
    this.isWished = true;
    this.carryOutIfDue();
  }

  /** A picture has come. A wish that waits for a keyframe is fulfilled by one. */
  handlePicture(isKeyframe: boolean): void {
    this.picturesSince += 1;
    if (isKeyframe) this.drop();
    else if (this.isWished) this.carryOutIfDue();
  }

  /** Drops the waiting wish and ignores all later ones. Idempotent. */
  close(): void {
    this.isClosed = true;
    this.drop();
  }

  /** Where it is not due, the end of the pause or the next picture tries again. */
  private carryOutIfDue(): void {
    if (this.picturesSince < picturesBetween) return;
    const nowMs = this.clock.nowMs();
    const waitMs = this.lastAtMs + pauseMs - nowMs;
    if (waitMs > 0) {
      this.timer ??= setTimeout(() => {
        this.timer = null;
        this.carryOutIfDue();
      }, waitMs);
      return;
    }
    this.drop();
    this.lastAtMs = nowMs;
    this.picturesSince = 0;
    this.onRequest();
  }

  private drop(): void {
    this.isWished = false;
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }
}
