import { Buffer } from 'node:buffer';
import type { AccessUnit } from './access-unit.ts';
import { opusDurationTicks } from './opus-duration.ts';
import type { PacketizedFrame, Packetizer } from './packetized-unit.ts';
import { rtpHeaderBytes, rtpPayloadMaxBytes, writeHeaderTemplate } from './rtp-packet.ts';

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
