import { Buffer } from 'node:buffer';
import { H264RtpPayload } from 'werift-rtp';

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
