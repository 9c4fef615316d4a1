const ticksPerMs = 90;
const wrapTicks = 2 ** 32;
/** Beyond this a result says that something else is wrong: the line's offset is not known yet, or a clock has jumped. */
const plausibleMs = 60_000;

/** Measures how old the pictures of a line are when they are shown: from the moment they were taken on the device to the screen. */
export class LatencyMeter {
  private rtpOffset: number | null = null;
  private recentMs: number[] = [];

  /** @param rtpOffset see `Pong.lines` */
  setRtpOffset(rtpOffset: number): void {
    this.rtpOffset = rtpOffset;
  }

  /**
   * @param frame.rtpTimestamp of the frame shown
   * @param frame.shownAtMs on our clock
   * @param clockOffsetMs how far the device's clock is ahead of ours
   */
  handleFrame(frame: { rtpTimestamp: number; shownAtMs: number }, clockOffsetMs: number): void {
    const { rtpOffset } = this;
    if (rtpOffset === null) return;
    const shownTicks = Math.round((frame.shownAtMs + clockOffsetMs) * ticksPerMs);
    const ageMs = signedTicks(shownTicks - (frame.rtpTimestamp - rtpOffset)) / ticksPerMs;
    if (Math.abs(ageMs) < plausibleMs) this.recentMs.push(ageMs);
  }

  /** The median since the last call, or null when there were no frames. */
  takeMs(): number | null {
    const sorted = this.recentMs.sort((one, other) => one - other);
    this.recentMs = [];
    const middle = sorted[Math.floor(sorted.length / 2)];
    return middle === undefined ? null : Math.round(middle * 10) / 10;
  }
}

/** The difference of two 32-bit timestamps, nearest to zero. */
function signedTicks(ticks: number): number {
  const modulo = ((ticks % wrapTicks) + wrapTicks) % wrapTicks;
  return modulo < wrapTicks / 2 ? modulo : modulo - wrapTicks;
}
