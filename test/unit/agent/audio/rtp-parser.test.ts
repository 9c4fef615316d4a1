import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { RtpHeader, RtpPacket } from 'werift-rtp';
import { parseRtp } from '../../../../agent/audio/rtp-parser.ts';

const payload = Buffer.from('opus');

function serialize(header: Partial<RtpHeader>): Buffer {
  const fields = { payloadType: 111, sequenceNumber: 65_535, timestamp: 0xffff_ffff, ssrc: 0x8000_0001, ...header };
  return new RtpPacket(new RtpHeader(fields), payload).serialize();
}

describe('parseRtp', () => {
  it.each<[string, Partial<RtpHeader>]>([
    ['a plain packet', {}],
    ['a marked packet with contributors', { marker: true, csrc: [1, 2], csrcLength: 2 }],
    [
      'header extensions',
      { extension: true, extensionProfile: 0xbede, extensions: [{ id: 1, payload: Buffer.of(1, 2, 3) }] },
    ],
    ['padding', { padding: true, paddingSize: 4 }],
  ])('agrees with another implementation: %s', (_, header) => {
    expect(parseRtp(serialize(header))).toEqual({
      ok: true,
      value: { payloadType: 111, sequenceNumber: 65_535, timestamp: 0xffff_ffff, ssrc: 0x8000_0001, payload },
    });
  });

  it('refuses every beginning of a packet without harm', () => {
    const whole = serialize({ extension: true, extensionProfile: 0xbede, extensions: [{ id: 1, payload }] });
    for (let length = 0; length < whole.length - payload.length; length += 1) {
      expect(parseRtp(whole.subarray(0, length))).toEqual({ ok: false, error: 'truncated' });
    }
  });

  it('refuses what is no RTP packet', () => {
    const change = (offset: number, value: number) => {
      const packet = serialize({});
      packet[offset] = value;
      return parseRtp(packet);
    };
    expect(change(0, 0x40)).toEqual({ ok: false, error: 'wrong-version' });
    expect(change(1, 200)).toEqual({ ok: false, error: 'rtcp' });
    expect(change(0, 0x8f)).toEqual({ ok: false, error: 'truncated' });
    expect(parseRtp(Buffer.concat([serialize({}).fill(0xa0, 0, 1), Buffer.of(0)]))).toEqual({
      ok: false,
      error: 'bad-padding',
    });
    expect(parseRtp(Buffer.concat([serialize({}).fill(0xa0, 0, 1), Buffer.of(200)]))).toEqual({
      ok: false,
      error: 'bad-padding',
    });
  });
});
