const firstMs = 10_000;
const longestMs = 40_000;

/**
 * How long a camera may take for its first picture. Opening a network stream takes seconds, and so does everything on a small device that is
 * booting; a machine that is merely slow would be ended for ever just before its first picture, so each try in a row gets
 * twice as long.
 */
export class FirstFramePatience {
  private silentTries = 0;

  /** For the try that begins now, in milliseconds: 10, 20, then 40 s. */
  get timeoutMs(): number {
    return Math.min(firstMs * 2 ** this.silentTries, longestMs);
  }

  /** A try was ended because no picture had come. */
  handleSilence(): void {
    this.silentTries += 1;
  }

  /** A picture came. */
  handleFrame(): void {
    this.silentTries = 0;
  }
}
