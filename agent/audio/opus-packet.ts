import { Buffer } from 'node:buffer';

/** RFC 6716 3.2.1: no packet is longer than 120 ms. */
const packetMaxMs = 120;

// Milliseconds of one frame by the configuration number in the first byte (RFC 6716 3.1, table 2).
const silkFrameMs = [10, 20, 40, 60];
const hybridFrameMs = [10, 20];
const celtFrameMs = [2.5, 5, 10, 20];

/** @returns how long an Opus packet sounds, in milliseconds; null when it is not one (RFC 6716 3.4) */
export function opusDurationMs(packet: Uint8Array): number | null {
  const [toc, second] = packet;
  if (toc === undefined) return null;
  const count = frameCount(toc, second);
  const durationMs = count * frameMs(toc >> 3);
  return count > 0 && durationMs <= packetMaxMs ? durationMs : null;
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
  return frameMs((next[0] ?? 0) >> 3);
}

function frameCount(toc: number, second: number | undefined): number {
  const code = toc & 3;
  if (code === 0) return 1;
  return code < 3 ? 2 : (second ?? 0) & 0x3f;
}

function frameMs(configuration: number): number {
  if (configuration < 12) return silkFrameMs[configuration % 4] ?? 0;
  if (configuration < 16) return hybridFrameMs[configuration % 2] ?? 0;
  return celtFrameMs[configuration % 4] ?? 0;
}
