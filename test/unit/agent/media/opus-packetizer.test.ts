import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { OpusRtpPayload, RtpPacket } from 'werift-rtp';
import { OpusPacketizer } from '../../../../agent/media/opus-packetizer.ts';
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
