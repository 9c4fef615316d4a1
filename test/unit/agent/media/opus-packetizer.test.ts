import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { OpusRtpPayload, RtpPacket } from 'werift-rtp';
import { OpusPacketizer, opusDurationTicks } from '../../../../agent/media/opus-packetizer.ts';
import { opusUnit, unitOf } from '../../../helpers/media-units.ts';

describe('OpusPacketizer', () => {
  it('puts a unit into one packet without a marker', () => {
    const unit = opusUnit(160);
    const frame = new OpusPacketizer().packetize(unit);
    expect(frame).toMatchObject({ isKeyframe: true, durationTicks: 960 });
    expect(frame?.packets).toHaveLength(1);
    const { header, payload } = RtpPacket.deSerialize(frame!.packets[0]!);
    expect(header.marker).toBe(false);
    expect(OpusRtpPayload.deSerialize(payload).payload).toEqual(unit.data);
  });

  it('refuses what is no packet, and what is too long for one', () => {
    const packetizer = new OpusPacketizer();
    expect(packetizer.packetize({ ...unitOf([]), data: Buffer.alloc(0) })).toBeNull();
    expect(packetizer.packetize(opusUnit(1162))).not.toBeNull();
    expect(packetizer.packetize(opusUnit(1163))).toBeNull();
  });
});

// RFC 6716, table 2 and section 3.2: the configuration, then the number of frames.
it.each([
  ['SILK 10 ms', [0 << 3], 480],
  ['SILK 60 ms', [3 << 3], 2880],
  ['hybrid 10 ms', [12 << 3], 480],
  ['hybrid 20 ms', [15 << 3], 960],
  ['CELT 2.5 ms', [16 << 3], 120],
  ['CELT 20 ms, stereo', [(31 << 3) | 4], 960],
  ['two of 20 ms', [(31 << 3) | 1], 1920],
  ['two of different size', [(31 << 3) | 2], 1920],
  ['three of 20 ms', [(31 << 3) | 3, 3], 2880],
  ['48 of 2.5 ms with padding', [(16 << 3) | 3, 0x40 | 48], 5760],
  ['more than 120 ms', [(31 << 3) | 3, 7], null],
  ['no frames', [(31 << 3) | 3, 0], null],
  ['a missing count', [(31 << 3) | 3], null],
  ['nothing', [], null],
])('an Opus packet of %s plays its time', (_name, bytes, ticks) => {
  expect(opusDurationTicks(Buffer.from(bytes))).toBe(ticks);
});
