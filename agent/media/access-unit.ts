import type { Buffer } from 'node:buffer';

/** One coded picture as it comes from an encoder: all NAL units that share a presentation time. */
export interface AccessUnit {
  /**
   * Annex B byte stream (ITU-T H.264 Annex B): every NAL unit begins with a start code. Not modified after delivery.
   */
  data: Buffer;
  /** Presentation time in ticks of 1/90000 s, not wrapped to 32 bits. It may start again after an encoder restart. */
  ptsTicks90k: number;
  /** Whether decoding can begin here: the picture is an IDR picture. */
  isKeyframe: boolean;
  /**
   * When the picture was taken, before it was encoded, on the same clock as `arrivedAtMs` and never later than that.
   */
  capturedAtMs: number;
  /** When the last byte arrived, on the monotonic clock of the process, in milliseconds. */
  arrivedAtMs: number;
}
