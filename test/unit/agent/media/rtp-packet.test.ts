import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { RTP_EXTENSION_URI, RtpPacket } from 'werift-rtp';
import { ntpTimeOf } from '../../../../agent/media/ntp-time.ts';
import {
  buildRtpStream,
  rtpExtensions,
  rtpHeaderBytes,
  rtpHeaderBytesOf,
  stampCaptureTime,
  stampPacket,
  writeHeaderTemplate,
} from '../../../../agent/media/rtp-packet.ts';

function packetOf(fields: { isFirst?: boolean; hasMarker?: boolean; hasPlayoutDelay?: boolean } = {}): Buffer {
  const template = { isFirst: false, hasMarker: false, hasPlayoutDelay: true, ...fields };
  const packet = Buffer.alloc(rtpHeaderBytes(template.isFirst) + 3, 0xff);
  writeHeaderTemplate(packet, template);
  return packet;
}

const extension = (packet: RtpPacket, id: number) => packet.header.extensions.find((entry) => entry.id === id)?.payload;

describe('a stamped packet', () => {
  it.each([true, false])('is read by another implementation as it was written, first of a picture: %s', (isFirst) => {
    const packet = packetOf({ isFirst, hasMarker: true });
    const stream = buildRtpStream({ ssrc: 0xfedcba98, payloadType: 102, mid: 'v0' });
    stampPacket(packet, stream, 0xabcd, 0xfffffffe, 0x8001);
    const { header, payload } = RtpPacket.deSerialize(packet);
    expect(header).toMatchObject({ version: 2, padding: false, marker: true, payloadType: 102, csrc: [] });
    expect(header).toMatchObject({ sequenceNumber: 0xabcd, timestamp: 0xfffffffe, ssrc: 0xfedcba98 });
    expect(header.payloadOffset).toBe(rtpHeaderBytesOf(packet));
    expect(payload).toEqual(Buffer.from([0xff, 0xff, 0xff]));
  });

  it('carries the transport-wide sequence number and a playout delay of 0 to 100 ms', () => {
    const packet = packetOf();
    stampPacket(packet, buildRtpStream({ ssrc: 1, payloadType: 102 }), 1, 1, 0x8001);
    const parsed = RtpPacket.deSerialize(packet);
    expect(parsed.header.extensions).toHaveLength(2);
    expect(extension(parsed, rtpExtensions.transportWideCc.id)).toEqual(Buffer.from([0x80, 0x01]));
    expect(extension(parsed, rtpExtensions.playoutDelay.id)).toEqual(Buffer.from([0x00, 0x00, 0x0a]));
  });

  it('carries no playout delay where there is no picture', () => {
    const packet = packetOf({ isFirst: true, hasPlayoutDelay: false });
    stampPacket(packet, buildRtpStream({ ssrc: 1, payloadType: 111, mid: 'a' }), 1, 1, 1);
    const ids = RtpPacket.deSerialize(packet).header.extensions.map(({ id }) => id);
    expect(ids).toEqual([rtpExtensions.transportWideCc.id, rtpExtensions.mid.id, rtpExtensions.absCaptureTime.id]);
  });

  it.each(['0', 'v0', 'v12'])('names the media line %s', (mid) => {
    const packet = packetOf({ isFirst: true });
    stampPacket(packet, buildRtpStream({ ssrc: 1, payloadType: 102, mid }), 1, 1, 1);
    expect(extension(RtpPacket.deSerialize(packet), rtpExtensions.mid.id)?.toString()).toBe(mid);
  });

  it('carries the capture time as 64-bit NTP', () => {
    const packet = packetOf({ isFirst: true });
    stampCaptureTime(packet, ntpTimeOf(1_700_000_000_250));
    const time = extension(RtpPacket.deSerialize(packet), rtpExtensions.absCaptureTime.id);
    expect(time?.readUInt32BE(0)).toBe(1_700_000_000 + 2_208_988_800);
    expect(time?.readUInt32BE(4)).toBe(2 ** 30);
  });

  it('keeps nothing of the viewer it was stamped for before', () => {
    const packet = packetOf();
    const before = buildRtpStream({ ssrc: 0xffffffff, payloadType: 127, mid: 'abc' });
    stampPacket(packet, before, 0xffff, 0xffffffff, 0xffff);
    stampPacket(packet, buildRtpStream({ ssrc: 2, payloadType: 3 }), 4, 5, 6);
    const parsed = RtpPacket.deSerialize(packet);
    expect(parsed.header).toMatchObject({ marker: false, payloadType: 3, sequenceNumber: 4, timestamp: 5, ssrc: 2 });
    expect(extension(parsed, rtpExtensions.transportWideCc.id)).toEqual(Buffer.from([0, 6]));
    expect(extension(parsed, rtpExtensions.mid.id)).toBeUndefined();
  });
});

it.each(['', 'long'])('a media id that packets have no place for is refused: "%s"', (mid) => {
  expect(() => buildRtpStream({ ssrc: 1, payloadType: 102, mid })).toThrow(RangeError);
});

it('names the extensions as others do', () => {
  expect(rtpExtensions.transportWideCc.uri).toBe(RTP_EXTENSION_URI.transportWideCC);
  expect(rtpExtensions.mid.uri).toBe(RTP_EXTENSION_URI.sdesMid);
});
