import { describe, expect, it } from 'vitest';
import { RtcpPacketConverter, RtcpSourceDescriptionPacket, RtcpSrPacket } from 'werift-rtp';
import { compactNtp, ntpTimeOf } from '../../../../agent/media/ntp-time.ts';
import { buildSenderReport } from '../../../../agent/media/rtcp-writer.ts';

const secondsFrom1900To1970 = 2_208_988_800;

describe('buildSenderReport', () => {
  it.each(['a', 'ab', 'abc', 'abcd', 'x'.repeat(255)])(
    'is read by another implementation with the name %s',
    (cname) => {
      const packet = buildSenderReport({
        ssrc: 0xfedcba98,
        ntpTime: { seconds: 0xe0000001, fraction: 0x80000000 },
        rtpTimestamp: 0xffffffff,
        packetsSent: 1234,
        payloadBytesSent: 1_000_000,
        cname,
      });
      const [report, description] = RtcpPacketConverter.deSerialize(packet);
      expect(report).toBeInstanceOf(RtcpSrPacket);
      expect(report).toMatchObject({
        ssrc: 0xfedcba98,
        senderInfo: {
          ntpTimestamp: 0xe000000180000000n,
          rtpTimestamp: 0xffffffff,
          packetCount: 1234,
          octetCount: 1_000_000,
        },
        reports: [],
      });
      expect(description).toBeInstanceOf(RtcpSourceDescriptionPacket);
      expect(description).toMatchObject({ chunks: [{ source: 0xfedcba98, items: [{ type: 1, text: cname }] }] });
    },
  );

  it('wraps the counters of a very long stream', () => {
    const ntpTime = { seconds: 0, fraction: 0 };
    const report = {
      ssrc: 1,
      ntpTime,
      rtpTimestamp: 0,
      packetsSent: 2 ** 32 + 5,
      payloadBytesSent: 2 ** 33 + 6,
      cname: 'c',
    };
    const [parsed] = RtcpPacketConverter.deSerialize(buildSenderReport(report));
    expect(parsed).toMatchObject({ senderInfo: { packetCount: 5, octetCount: 6 } });
  });
});

describe('NTP time', () => {
  it('counts from 1900 with binary fractions', () => {
    expect(ntpTimeOf(0)).toEqual({ seconds: secondsFrom1900To1970, fraction: 0 });
    expect(ntpTimeOf(1_500.25)).toEqual({
      seconds: secondsFrom1900To1970 + 1,
      fraction: Math.floor(0.50025 * 2 ** 32),
    });
  });

  it('goes on after the wrap of 2036', () => {
    expect(ntpTimeOf(Date.UTC(2036, 1, 7, 6, 28, 17))).toEqual({ seconds: 1, fraction: 0 });
  });

  it('has its middle 32 bits as the compact form', () => {
    expect(compactNtp({ seconds: 0x1234abcd, fraction: 0xef567890 })).toBe(0xabcdef56);
  });
});
