import type { Buffer } from 'node:buffer';
import { randomInt } from 'node:crypto';
import type { AccessUnit } from './access-unit.ts';
import { PacketSlab } from './packet-slab.ts';
import type { PacketizedFrame, Packetizer } from './packetized-unit.ts';
import { rtpPayloadMaxBytes } from './rtp-packet.ts';

// Payload descriptor, RFC 7741 4.2: X and, on the first packet, S; then I; then M and 15 bits of PictureID.
const descriptorBytes = 4;
const hasExtension = 0x80;
const startsPartition = 0x10;
const hasPictureId = 0x80;
const isLongPictureId = 0x8000;

// RFC 6386 9.1: a frame begins with a tag of three bytes, whose lowest bit is 0 in keyframes; there a start code and the
// size follow.
const frameTagBytes = 3;
const keyframeHeaderBytes = 10;
const keyframeStartCode = 0x9d012a;

const dataMaxBytes = rtpPayloadMaxBytes - descriptorBytes;

/** Cuts VP8 frames into RTP packets (RFC 7741), once for all viewers. */
export class Vp8Packetizer implements Packetizer {
  private nextPictureId = randomInt(0x8000);

  /** Returns the packets of one frame, or null when it is no VP8 frame (as an encoder's empty one for a dropped picture). */
  packetize({ data }: AccessUnit): PacketizedFrame | null {
    if (data.length < frameTagBytes) return null;
    const isKeyframe = ((data[0] ?? 0) & 1) === 0;
    if (isKeyframe && !hasKeyframeHeader(data)) return null;
    const pictureId = this.nextPictureId;
    this.nextPictureId = (pictureId + 1) & 0x7fff;
    return { packets: writePackets(data, pictureId), isKeyframe, durationTicks: 0 };
  }
}

function hasKeyframeHeader(frame: Buffer): boolean {
  return frame.length >= keyframeHeaderBytes && frame.readUIntBE(frameTagBytes, 3) === keyframeStartCode;
}

/** Parts are of nearly equal size, so that no tiny last one costs a whole packet's overhead in vain. */
function writePackets(frame: Buffer, pictureId: number): Buffer[] {
  const count = Math.ceil(frame.length / dataMaxBytes);
  const partBytes = Math.ceil(frame.length / count);
  const slab = new PacketSlab(frame.length + count * descriptorBytes, count);
  for (let start = 0; start < frame.length; start += partBytes) {
    const end = Math.min(start + partBytes, frame.length);
    const payload = slab.add(descriptorBytes + end - start, end === frame.length);
    payload[0] = hasExtension | (start === 0 ? startsPartition : 0);
    payload[1] = hasPictureId;
    payload.writeUInt16BE(isLongPictureId | pictureId, 2);
    frame.copy(payload, descriptorBytes, start, end);
  }
  return slab.packets;
}
