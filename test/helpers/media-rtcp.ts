import { Buffer } from 'node:buffer';
import {
  GenericNack,
  PictureLossIndication,
  type RecvDelta,
  RtcpHeader,
  RtcpPayloadSpecificFeedback,
  RtcpReceiverInfo,
  RtcpRrPacket,
  RtcpTransportLayerFeedback,
  type RunLengthChunk,
  type StatusVectorChunk,
  TransportWideCC,
} from 'werift-rtp';

// RTCP packets of a viewer, built by an implementation that is not ours.

const senderSsrc = 0x1234;

export function nackPacket(mediaSourceSsrc: number, lost: number[]): Buffer {
  return new RtcpTransportLayerFeedback({
    feedback: new GenericNack({ senderSsrc, mediaSourceSsrc, lost }),
  }).serialize();
}

export function pliPacket(mediaSsrc: number): Buffer {
  return new RtcpPayloadSpecificFeedback({
    feedback: new PictureLossIndication({ senderSsrc, mediaSsrc }),
  }).serialize();
}

/** RFC 5104 4.3.1, by hand: werift does not export it. */
export function firPacket(mediaSsrc: number): Buffer {
  const packet = Buffer.from('84ce0004000012340000000000000000' + '07000000', 'hex');
  packet.writeUInt32BE(mediaSsrc, 12);
  return packet;
}

export function receiverReport(block: Partial<RtcpReceiverInfo> & { ssrc: number }): Buffer {
  const zeros = { fractionLost: 0, packetsLost: 0, highestSequence: 0, jitter: 0, lsr: 0, dlsr: 0 };
  return new RtcpRrPacket({ ssrc: senderSsrc, reports: [new RtcpReceiverInfo({ ...zeros, ...block })] }).serialize();
}

export function twccPacket(fields: {
  baseSequenceNumber: number;
  packetStatusCount: number;
  referenceTime: number;
  fbPktCount: number;
  packetChunks: (RunLengthChunk | StatusVectorChunk)[];
  recvDeltas: RecvDelta[];
}): Buffer {
  const header = new RtcpHeader({ type: 205, count: 15, version: 2 });
  const feedback = new TransportWideCC({ senderSsrc, mediaSourceSsrc: 1, header, ...fields });
  header.padding = feedback.serialize().length % 4 !== 0; // werift would set the bit without padding bytes
  return feedback.serialize();
}
