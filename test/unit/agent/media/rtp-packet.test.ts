import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { RTP_EXTENSION_URI, RtpPacket } from 'werift-rtp';
import { rtpExtensions, rtpHeaderBytes, stampPacket, writeHeaderTemplate } from '../../../../agent/media/rtp-packet.ts';

function packetOf(isLastOfPicture: boolean): Buffer {
  const packet = Buffer.alloc(rtpHeaderBytes + 3, 0xff);
  writeHeaderTemplate(packet, isLastOfPicture);
  return packet;
}

const extension = (packet: RtpPacket, id: number) => packet.header.extensions.find((entry) => entry.id === id)?.payload;

describe('a stamped packet', () => {
  it('is read by another implementation as it was written', () => {
    const packet = packetOf(true);
    stampPacket(packet, { ssrc: 0xfedcba98, payloadType: 102 }, 0xabcd, 0xfffffffe, 0x8001);
    const { header, payload } = RtpPacket.deSerialize(packet);
    expect(header).toMatchObject({ version: 2, padding: false, marker: true, payloadType: 102, csrc: [] });
    expect(header).toMatchObject({ sequenceNumber: 0xabcd, timestamp: 0xfffffffe, ssrc: 0xfedcba98 });
    expect(header.payloadOffset).toBe(rtpHeaderBytes);
    expect(payload).toEqual(Buffer.from([0xff, 0xff, 0xff]));
  });

  it('carries the transport-wide sequence number and a playout delay of 0 to 100 ms', () => {
    const packet = packetOf(false);
    stampPacket(packet, { ssrc: 1, payloadType: 102 }, 1, 1, 0x8001);
    const parsed = RtpPacket.deSerialize(packet);
    expect(parsed.header.extensions).toHaveLength(2);
    expect(extension(parsed, rtpExtensions.transportWideCc.id)).toEqual(Buffer.from([0x80, 0x01]));
    expect(extension(parsed, rtpExtensions.playoutDelay.id)).toEqual(Buffer.from([0x00, 0x00, 0x0a]));
  });

  it('keeps nothing of the viewer it was stamped for before', () => {
    const packet = packetOf(false);
    stampPacket(packet, { ssrc: 0xffffffff, payloadType: 127 }, 0xffff, 0xffffffff, 0xffff);
    stampPacket(packet, { ssrc: 2, payloadType: 3 }, 4, 5, 6);
    const parsed = RtpPacket.deSerialize(packet);
    expect(parsed.header).toMatchObject({ marker: false, payloadType: 3, sequenceNumber: 4, timestamp: 5, ssrc: 2 });
    expect(extension(parsed, rtpExtensions.transportWideCc.id)).toEqual(Buffer.from([0, 6]));
  });
});

it('names the transport-wide extension as others do', () => {
  expect(rtpExtensions.transportWideCc.uri).toBe(RTP_EXTENSION_URI.transportWideCC);
});
