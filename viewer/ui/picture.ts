import type { ShownFrame } from '../client/shown-frame.ts';

/**
 * The live picture: one `<video>`, and a `<canvas>` that holds the last frame while the next stream is on its way. A video
 * element goes black as soon as it gets a new stream, so the old frame lies over it until the first new one is painted.
 */
export class Picture {
  readonly video: HTMLVideoElement;
  readonly held: HTMLCanvasElement;
  private readonly onFrame: (stream: MediaStream, frame: ShownFrame) => void;
  private readonly onChange: () => void;
  private shows = false;
  private blocked = false;

  /** @param options.onChange something that `isShown` or `isBlocked` tells has changed */
  constructor(options: {
    video: HTMLVideoElement;
    held: HTMLCanvasElement;
    onFrame(stream: MediaStream, frame: ShownFrame): void;
    onChange(): void;
  }) {
    this.video = options.video;
    this.held = options.held;
    this.onFrame = options.onFrame;
    this.onChange = options.onChange;
    // Without all three, phones open their own player or wait for a tap.
    this.video.muted = true;
    this.video.autoplay = true;
    this.video.playsInline = true;
    // A phone's own player has a button for it.
    this.video.addEventListener('volumechange', () => this.onChange());
    this.held.hidden = true;
  }

  /** Whether there is a frame to look at, new or old. */
  get isShown(): boolean {
    return this.shows;
  }

  /** Whether that frame is an old one, which waits for the first of the next stream. */
  get isHeld(): boolean {
    return !this.held.hidden;
  }

  /** Whether the browser wants a tap before it plays (battery savers do). */
  get isBlocked(): boolean {
    return this.blocked;
  }

  show(stream: MediaStream): void {
    // Giving it the same stream again would make it start over.
    if (this.video.srcObject === stream) return;
    this.hold();
    this.video.srcObject = stream;
    this.watchFrames(stream, true);
    void this.play();
  }

  async play(): Promise<void> {
    let isBlocked = await this.isRefused();
    if (isBlocked && !this.video.muted) {
      // Sound is what browsers refuse first: better a silent picture than none.
      this.video.muted = true;
      this.onChange();
      isBlocked = await this.isRefused();
    }
    if (isBlocked === this.blocked) return;
    this.blocked = isBlocked;
    this.onChange();
  }

  /** Keeps the frame of this moment on show, whatever becomes of the stream. */
  hold(): void {
    const { videoWidth, videoHeight, readyState } = this.video;
    if (!this.held.hidden || videoWidth === 0 || readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return;
    this.held.width = videoWidth;
    this.held.height = videoHeight;
    this.held.getContext('2d')?.drawImage(this.video, 0, 0);
    this.held.hidden = false;
  }

  clear(): void {
    this.video.srcObject = null;
    this.held.hidden = true;
    this.shows = false;
    this.blocked = false;
    this.onChange();
  }

  private watchFrames(stream: MediaStream, isFirst: boolean): void {
    this.video.requestVideoFrameCallback((_, { rtpTimestamp, expectedDisplayTime }) => {
      if (this.video.srcObject !== stream) return;
      if (isFirst) {
        this.held.hidden = true;
        this.shows = true;
        this.onChange();
      }
      this.onFrame(stream, { rtpTimestamp: rtpTimestamp ?? null, shownAtMs: expectedDisplayTime });
      this.watchFrames(stream, false);
    });
  }

  private async isRefused(): Promise<boolean> {
    try {
      await this.video.play();
      return false;
    } catch (error) {
      return error instanceof DOMException && error.name === 'NotAllowedError';
    }
  }
}
