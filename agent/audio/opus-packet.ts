import { Buffer } from 'node:buffer';
import { opusDurationTicks, opusFrameTicks, opusTicksPerMs } from '../media/opus-duration.ts';

/** @returns how long an Opus packet sounds, in milliseconds; null when it is not one (RFC 6716 3.4) */
export function opusDurationMs(packet: Uint8Array): number | null {
  const ticks = opusDurationTicks(packet);
  return ticks === null ? null : ticks / opusTicksPerMs;
}

/**
 * A packet that stands for a lost one. It holds a frame of no bytes in the mode of the packet that follows, which a decoder replaces by what
 * it had before, fading (RFC 6716 2.1.9 and 3.4).
 *
 * @param next the packet after the gap
 */
export function buildLossConcealment(next: Uint8Array): Buffer {
  const oneFrame = 0xfc;
  return Buffer.of((next[0] ?? 0) & oneFrame);
}

/** How long one of the packets of {@link buildLossConcealment} sounds. */
export function concealmentMs(next: Uint8Array): number {
  return opusFrameTicks(next[0] ?? 0) / opusTicksPerMs;
}
