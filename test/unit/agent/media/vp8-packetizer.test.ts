import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RtpPacket, Vp8RtpPayload } from 'werift-rtp';
import { Vp8Packetizer } from '../../../../agent/media/vp8-packetizer.ts';
import { vp8Delta, vp8Keyframe, vp8UnitOf } from '../../../helpers/media-units.ts';

const parse = (packets: readonly Buffer[] = []) => packets.map((packet) => RtpPacket.deSerialize(packet));
const payloadsOf = (packets: readonly Buffer[] = []) =>
  parse(packets).map((packet) => Vp8RtpPayload.deSerialize(packet.payload));

describe('Vp8Packetizer', () => {
  it('loses nothing of any frame', () => {
    const frame = fc.uint8Array({ minLength: 10, maxLength: 6000, size: 'max' }).map((bytes) => Buffer.from(bytes));
    fc.assert(
      fc.property(frame, (data) => {
        data[0] = (data[0] ?? 0) | 1;
        const payloads = payloadsOf(new Vp8Packetizer().packetize(vp8UnitOf(data))?.packets);
        expect(Buffer.concat(payloads.map(({ payload }) => payload))).toEqual(data);
      }),
      { numRuns: 60 },
    );
  });

  it('marks the beginning and the end of a frame, and a keyframe', () => {
    const picture = new Vp8Packetizer().packetize(vp8Keyframe(5000));
    const payloads = payloadsOf(picture?.packets);
    expect(picture?.isKeyframe).toBe(true);
    expect(payloads.map(({ sBit, pid }) => [sBit, pid])).toEqual(payloads.map((_, i) => [i === 0 ? 1 : 0, 0]));
    expect(payloads[0]).toMatchObject({ isKeyframe: true, isPartitionHead: true });
    expect(parse(picture?.packets).map(({ header }) => header.marker)).toEqual([false, false, false, false, true]);
    expect(new Vp8Packetizer().packetize(vp8Delta(50))?.isKeyframe).toBe(false);
  });

  it('numbers the frames with 15 bits, across the wrap', () => {
    const packetizer = new Vp8Packetizer();
    const idOf = (bytes: number) => payloadsOf(packetizer.packetize(vp8Delta(bytes))?.packets).map((p) => p.pictureId);
    const [first] = idOf(100);
    for (let i = 1; i < 0x8000; i += 1) packetizer.packetize(vp8Delta(10));
    expect(idOf(3000)).toEqual([first, first, first]);
    expect(idOf(100)).toEqual([(first! + 1) & 0x7fff]);
  });

  it.each([1158, 1159, 2317])('keeps packets within 1198 bytes for a frame of %i bytes', (bytes) => {
    const { packets } = new Vp8Packetizer().packetize(vp8Delta(bytes))!;
    expect(Math.max(...packets.map((packet) => packet.length))).toBeLessThanOrEqual(1198);
    expect(packets).toHaveLength(Math.ceil(bytes / 1158));
  });

  it.each([
    ['no data', Buffer.alloc(0)],
    ['less than a frame tag', Buffer.from([0x31, 0])],
    ['a keyframe without its start code', Buffer.alloc(20)],
    ['a keyframe cut short', Buffer.from([0x10, 0, 0, 0x9d, 0x01, 0x2a, 0x80])],
  ])('refuses %s', (_name, data) => {
    expect(new Vp8Packetizer().packetize(vp8UnitOf(data))).toBeNull();
  });
});
