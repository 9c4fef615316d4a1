import { Buffer } from 'node:buffer';
import { H264RtpPayload, type RtpPacket, Vp8RtpPayload } from 'werift-rtp';

/** RTP payloads of H.264 in order -> Annex B byte stream, by an implementation that is not ours. */
export function depacketizeH264(payloads: readonly Buffer[]): Buffer {
  const parts: Buffer[] = [];
  let fragment: Buffer | undefined;
  for (const payload of payloads) {
    const parsed = H264RtpPayload.deSerialize(payload, fragment);
    fragment = parsed.fragment;
    if (parsed.payload) parts.push(parsed.payload);
  }
  return Buffer.concat(parts);
}

/** The frames in RTP packets of VP8, by an implementation that is not ours. */
export function depacketizeVp8(packets: readonly RtpPacket[]): Buffer[] {
  const frames: Buffer[] = [];
  let parts: Buffer[] = [];
  for (const { header, payload } of packets) {
    const part = Vp8RtpPayload.deSerialize(payload);
    if (part.isPartitionHead) parts = [];
    parts.push(part.payload);
    if (header.marker) frames.push(Buffer.concat(parts));
  }
  return frames;
}

/** VP8 frames as a file that ffmpeg reads, 30 a second. */
export function ivfOf(frames: readonly Buffer[]): Buffer {
  const header = Buffer.alloc(32);
  header.write('DKIF', 0, 'latin1');
  header.writeUInt16LE(32, 6);
  header.write('VP80', 8, 'latin1');
  header.writeUInt32LE(30, 16);
  header.writeUInt32LE(1, 20);
  header.writeUInt32LE(frames.length, 24);
  const blocks = frames.flatMap((frame, i) => {
    const blockHeader = Buffer.alloc(12);
    blockHeader.writeUInt32LE(frame.length, 0);
    blockHeader.writeUInt32LE(i, 4);
    return [blockHeader, frame];
  });
  return Buffer.concat([header, ...blocks]);
}
