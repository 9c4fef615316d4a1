/**
 * When a picture was taken, as ffmpeg's wall clock says it the moment the picture comes out of the decoder. It travels as the
 * presentation time, in ticks of 1/90000 s since 1970, through encoder and container. The lowest bit is not part of the time: it is
 * set on the first picture after withheld ones, which has to be a keyframe. What is copied and not decoded bears no stamp: it is here a
 * fraction of a millisecond after ffmpeg has got it.
 */

/** How old a picture can be at most when it arrives; beyond, one of the two wall clocks has jumped between the readings. */
const ageMaxMs = 2_000;
/** `Date.now()` leaves out the fraction of the millisecond: half of one on average. */
const wallClockErrorMs = 0.5;

/**
 * Filters that stamp what the gate between them lets pass. Numbered before the gate, pictures show behind it how many were
 * withheld, exactly and whatever their rhythm.
 */
export function buildStampedGate(gate: string): string[] {
  const ticks = '2*floor(RTCTIME*0.045)';
  return ['settb=1/90000', 'setpts=N', gate, `setpts='${ticks}+gt(PTS-PREV_INPTS,1)'`];
}

/** For `-force_key_frames`: 1 for a picture that {@link buildStampedGate} wants to be a keyframe, else 0. */
export const isAfterGapExpression = 'mod(round(t*90000),2)';

/** @returns when the picture was taken, on the clock of `arrivedAtMs`; no later than that, and at most 2 s earlier */
export function capturedAtMs(options: {
  stampTicks90k: number;
  arrivedAtMs: number;
  /** Milliseconds since 1970, read together with `arrivedAtMs`. */
  wallClockMs: number;
}): number {
  const ageMs = options.wallClockMs + wallClockErrorMs - options.stampTicks90k / 90;
  return options.arrivedAtMs - Math.min(ageMaxMs, Math.max(0, ageMs));
}
