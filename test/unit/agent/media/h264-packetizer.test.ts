import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RtpPacket } from 'werift-rtp';
import { splitNalUnits } from '../../../../agent/media/h264.ts';
import { H264Packetizer } from '../../../../agent/media/h264-packetizer.ts';
import { depacketizeH264 } from '../../../helpers/media-depacketize.ts';
import { annexBOf, deltaFrame, keyframe, nalOf, ppsNal, spsNal, unitOf } from '../../../helpers/media-units.ts';

const parse = (packets: readonly Buffer[]) => packets.map((packet) => RtpPacket.deSerialize(packet));
const nalsThrough = (packetizer: H264Packetizer, nals: Buffer[]) => {
  const picture = packetizer.packetize(unitOf(nals));
  return picture && splitNalUnits(depacketizeH264(parse(picture.packets).map((packet) => packet.payload)));
};

/** Any content that could follow a NAL unit header: no start code inside, no zero byte at the end. */
const nalBody = fc
  .uint8Array({ minLength: 1, maxLength: 5000, size: 'max' })
  .map((body) => Buffer.concat([Buffer.from(body).map((byte) => byte || 7), Buffer.from([0x80])]));
const sliceNal = fc
  .tuple(fc.constantFrom(1, 5), fc.integer({ min: 0, max: 3 }), nalBody)
  .map(([type, refIdc, body]) => Buffer.concat([Buffer.from([(refIdc << 5) | type]), body]));

describe('H264Packetizer', () => {
  it('loses nothing of any list of slices', () => {
    fc.assert(
      fc.property(fc.array(sliceNal, { minLength: 1, maxLength: 6 }), (slices) => {
        const nals = [spsNal, ppsNal, ...slices];
        const received = nalsThrough(new H264Packetizer(), nals);
        expect(received).toEqual(nals);
      }),
      { numRuns: 60 },
    );
  });

  it.each([1162, 1163, 1164, 2321, 2322, 5000])(
    'keeps packets within 1198 bytes, and so RTX ones within 1200, for a slice of %i bytes',
    (bytes) => {
      const packetizer = new H264Packetizer();
      const picture = packetizer.packetize(deltaFrame(bytes));
      expect(Math.max(...(picture?.packets.map((packet) => packet.length) ?? []))).toBeLessThanOrEqual(1198);
      expect(picture?.packets.length).toBe(bytes <= 1162 ? 1 : Math.ceil((bytes - 1) / 1160));
    },
  );

  it('marks the last packet of the picture and no other', () => {
    const packets = parse(new H264Packetizer().packetize(keyframe(3000))?.packets ?? []);
    expect(packets.map((packet) => packet.header.marker)).toEqual([false, false, false, false, true]);
  });

  it('puts the last parameter sets before a keyframe that comes without', () => {
    const packetizer = new H264Packetizer();
    packetizer.packetize(keyframe());
    expect(nalsThrough(packetizer, [nalOf(5, 50)])).toEqual([spsNal, ppsNal, nalOf(5, 50)]);
  });

  it('puts them there once when the keyframe brings its own, in the order that decoders need', () => {
    const packetizer = new H264Packetizer();
    packetizer.packetize(keyframe());
    const newSps = Buffer.from([0x67, 0x64, 0x00, 0x28, 0x01]);
    expect(nalsThrough(packetizer, [newSps, nalOf(5, 50)])).toEqual([newSps, ppsNal, nalOf(5, 50)]);
    expect(nalsThrough(packetizer, [nalOf(5, 60)])).toEqual([newSps, ppsNal, nalOf(5, 60)]);
  });

  it('takes parameter sets from units without a picture', () => {
    const packetizer = new H264Packetizer();
    expect(packetizer.packetize(unitOf([spsNal, ppsNal]))).toBeNull();
    expect(nalsThrough(packetizer, [nalOf(5, 50)])).toEqual([spsNal, ppsNal, nalOf(5, 50)]);
  });

  it('leaves out delimiters, SEI, filler and end marks', () => {
    const nals = [nalOf(9, 2), nalOf(6, 30), nalOf(1, 80), nalOf(12, 500), nalOf(10, 1), nalOf(11, 1)];
    expect(nalsThrough(new H264Packetizer(), nals)).toEqual([nalOf(1, 80)]);
  });

  it('tells keyframes by their slices, not by what the source says', () => {
    const packetizer = new H264Packetizer();
    expect(packetizer.packetize({ ...keyframe(), isKeyframe: false })?.isKeyframe).toBe(true);
    expect(packetizer.packetize({ ...deltaFrame(), isKeyframe: true })?.isKeyframe).toBe(false);
  });

  it.each([
    ['no data', Buffer.alloc(0)],
    ['no start code', Buffer.from('not a picture')],
    ['no slice', annexBOf([nalOf(9, 2), nalOf(6, 10)])],
    ['a type that RTP uses itself', annexBOf([nalOf(1, 10), nalOf(28, 10)])],
    ['type 0', annexBOf([nalOf(0, 10)])],
    ['the forbidden bit', annexBOf([Buffer.from([0xe1, 1, 2])])],
    ['a keyframe before any parameter set', annexBOf([nalOf(5, 10)])],
  ])('refuses a unit with %s', (_name, data) => {
    expect(new H264Packetizer().packetize({ ...deltaFrame(), data })).toBeNull();
  });

  it('never throws, whatever the bytes', () => {
    const packetizer = new H264Packetizer();
    const noise = fc.uint8Array({ maxLength: 300, size: 'max' }).map((body) => annexBOf([Buffer.from(body)]));
    fc.assert(fc.property(noise, (data) => void packetizer.packetize({ ...deltaFrame(), data })));
  });
});
