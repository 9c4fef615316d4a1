/** A frame on the screen. */
export interface ShownFrame {
  /** Of the frame, 32 bits; null where the platform does not tell. */
  rtpTimestamp: number | null;
  /** When it is shown, on the clock of `performance.now()`. */
  shownAtMs: number;
}
