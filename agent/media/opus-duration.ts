/** The RTP clock of Opus, whatever the sound was sampled with (RFC 7587 4.1). */
export const opusTicksPerMs = 48;

// Frame sizes in ticks for the configurations of a mode (RFC 6716 table 2).
const silkFrames = [480, 960, 1920, 2880];
const hybridFrames = [480, 960];
const celtFrames = [120, 240, 480, 960];

/** RFC 6716 3.2.5, R5: a packet never holds more than 120 ms. */
const packetMaxTicks = 5_760;

/**
 * How long an Opus packet plays, in ticks of 1/48000 s, from its table of contents byte (RFC 6716 3.1), or null when it
 * is malformed.
 */
export function opusDurationTicks(packet: Uint8Array): number | null {
  const [toc, countByte] = packet;
  if (toc === undefined) return null;
  const code = toc & 3;
  if (code === 3 && countByte === undefined) return null;
  const frameCount = code === 0 ? 1 : code === 3 ? (countByte ?? 0) & 0x3f : 2;
  const ticks = frameCount * opusFrameTicks(toc);
  return ticks > 0 && ticks <= packetMaxTicks ? ticks : null;
}

/** How long one frame plays, in ticks of 1/48000 s. @param toc the first byte of its packet */
export function opusFrameTicks(toc: number): number {
  const configuration = toc >> 3;
  if (configuration < 12) return silkFrames[configuration & 3] ?? 0;
  if (configuration < 16) return hybridFrames[configuration & 1] ?? 0;
  return celtFrames[configuration & 3] ?? 0;
}
