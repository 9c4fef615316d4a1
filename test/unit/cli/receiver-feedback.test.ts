import { expect, it } from 'vitest';
import {
  GenericNack,
  PictureLossIndication,
  RtcpPacketConverter,
  RtcpPayloadSpecificFeedback,
  RtcpRrPacket,
  RtcpTransportLayerFeedback,
} from 'werift-rtp';
import { encodeNack, encodePictureLoss, encodeReceiverReport } from '../../../cli/headless/receiver-feedback.ts';

/** The one packet that an independent implementation reads. */
function readBack(packet: Buffer): unknown {
  const packets = RtcpPacketConverter.deSerialize(packet);
  expect(packets).toHaveLength(1);
  return packets[0];
}

it('writes a receiver report', () => {
  const report = readBack(
    encodeReceiverReport({
      receiverSsrc: 1,
      senderSsrc: 0xdeadbeef,
      lossFraction: 0.25,
      lostCount: 70_000,
      extendedSequence: 0x1_0005,
      lastReport: 0x12345678,
      sinceLastReportMs: 500,
    }),
  ) as RtcpRrPacket;
  expect(report).toBeInstanceOf(RtcpRrPacket);
  expect(report.ssrc).toBe(1);
  expect(report.reports).toHaveLength(1);
  expect(report.reports[0]).toMatchObject({
    ssrc: 0xdeadbeef,
    fractionLost: 64,
    packetsLost: 70_000,
    highestSequence: 0x1_0005,
    lsr: 0x12345678,
    // Units of 1/65536 s (RFC 3550 6.4.1).
    dlsr: 32_768,
  });
});

it('claims no delay while there was no sender report, and never more loss than fits', () => {
  const report = readBack(
    encodeReceiverReport({
      receiverSsrc: 1,
      senderSsrc: 2,
      lossFraction: 1,
      lostCount: 0,
      extendedSequence: 0,
      lastReport: 0,
      sinceLastReportMs: 1e9,
    }),
  ) as RtcpRrPacket;
  expect(report.reports[0]).toMatchObject({ fractionLost: 255, lsr: 0, dlsr: 0 });
});

it.each([1, 2, 16, 17])('asks for %d packets again, across the wrap of the sequence number', (count) => {
  const feedback = readBack(encodeNack(1, 99, 65_530, count)) as RtcpTransportLayerFeedback;
  expect(feedback).toBeInstanceOf(RtcpTransportLayerFeedback);
  const nack = feedback.feedback as GenericNack;
  expect(nack).toBeInstanceOf(GenericNack);
  expect([nack.senderSsrc, nack.mediaSourceSsrc]).toEqual([1, 99]);
  // This reader counts on beyond 16 bits.
  const lost = nack.lost.map((sequence) => sequence & 0xffff);
  expect(lost).toEqual(Array.from({ length: count }, (_, at) => (65_530 + at) & 0xffff));
});

it('asks for a new picture', () => {
  const feedback = readBack(encodePictureLoss(1, 99)) as RtcpPayloadSpecificFeedback;
  expect(feedback).toBeInstanceOf(RtcpPayloadSpecificFeedback);
  expect(feedback.feedback).toBeInstanceOf(PictureLossIndication);
  expect(feedback.feedback).toMatchObject({ senderSsrc: 1, mediaSsrc: 99 });
});
