import { Buffer } from 'node:buffer';
import type { AccessUnit } from './access-unit.ts';
import type { PacketizedFrame, Packetizer } from './packetized-unit.ts';
import { rtpHeaderBytes, rtpPayloadMaxBytes, writeHeaderTemplate } from './rtp-packet.ts';

/** The RTP clock of Opus, whatever the sound was sampled with (RFC 7587 4.1). */
export const opusTicksPerMs = 48;

// Frame sizes in ticks for the four configurations of a mode (RFC 6716 table 2).
const silkFrames = [480, 960, 1920, 2880];
const hybridFrames = [480, 960];
const celtFrames = [120, 240, 480, 960];

/** RFC 6716 3.2.5, R5: a packet never holds more than 120 ms. */
const packetMaxTicks = 5_760;

/** Puts Opus packets into RTP, one in each (RFC 7587 4.2). Decoding can begin at any of them. */
export class OpusPacketizer implements Packetizer {
  /** Returns the packet, or null when the unit is no Opus packet or too long to send unfragmented. */
  packetize({ data }: AccessUnit): PacketizedFrame | null {
    const durationTicks = opusDurationTicks(data);
    if (durationTicks === null || data.length > rtpPayloadMaxBytes) return null;
    const headerBytes = rtpHeaderBytes(true);
    const packet = Buffer.allocUnsafe(headerBytes + data.length);
    // The marker would say that the sound begins after silence that was not sent (RFC 3551 4.1).
    writeHeaderTemplate(packet, { isFirst: true, hasMarker: false, hasPlayoutDelay: false });
    data.copy(packet, headerBytes);
    return { packets: [packet], isKeyframe: true, durationTicks };
  }
}

/**
 * How long an Opus packet plays, in ticks of 1/48000 s, from its table of contents byte (RFC 6716 3.1), or null when it
 * is malformed.
 */
export function opusDurationTicks(packet: Buffer): number | null {
  const [toc, countByte] = packet;
  if (toc === undefined) return null;
  const config = toc >> 3;
  const code = toc & 3;
  if (code === 3 && countByte === undefined) return null;
  const frameCount = code === 0 ? 1 : code === 3 ? (countByte ?? 0) & 0x3f : 2;
  const ticks = frameCount * frameTicksOf(config);
  return ticks > 0 && ticks <= packetMaxTicks ? ticks : null;
}

function frameTicksOf(config: number): number {
  if (config < 12) return silkFrames[config & 3] ?? 0;
  if (config < 16) return hybridFrames[config & 1] ?? 0;
  return celtFrames[config & 3] ?? 0;
}
