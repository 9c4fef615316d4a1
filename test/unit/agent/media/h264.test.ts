import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { parameterSetsIn, profileLevelIdOf, splitNalUnits } from '../../../../agent/media/h264.ts';
import { annexBOf, nalOf, ppsNal, spsNal } from '../../../helpers/media-units.ts';

const bytes = (hex: string) => Buffer.from(hex.replaceAll(' ', ''), 'hex');
const hexOf = (nals: Buffer[]) => nals.map((nal) => nal.toString('hex'));

describe('splitNalUnits', () => {
  it('takes three- and four-byte start codes', () => {
    expect(hexOf(splitNalUnits(bytes('000001 6501 00000001 4102 000001 4103')))).toEqual(['6501', '4102', '4103']);
  });

  it('leaves out zero bytes that trail a unit, at the end too', () => {
    expect(hexOf(splitNalUnits(bytes('000001 6501 0000 00000001 4102 000000')))).toEqual(['6501', '4102']);
  });

  it('keeps zero bytes inside a unit', () => {
    expect(hexOf(splitNalUnits(bytes('000001 6500000300 01')))).toEqual(['650000030001']);
  });

  it('ignores empty units and bytes before the first start code', () => {
    expect(hexOf(splitNalUnits(bytes('ffff 000001 000001 6501 000001')))).toEqual(['6501']);
  });

  it('finds nothing without a start code', () => {
    expect(splitNalUnits(Buffer.alloc(0))).toEqual([]);
    expect(splitNalUnits(bytes('65010203'))).toEqual([]);
  });
});

it('finds the parameter sets of an access unit', () => {
  const sets = parameterSetsIn(annexBOf([nalOf(9, 2), spsNal, ppsNal, nalOf(5, 40)]));
  expect(hexOf(sets.sps)).toEqual(hexOf([spsNal]));
  expect(hexOf(sets.pps)).toEqual(hexOf([ppsNal]));
});

describe('profileLevelIdOf', () => {
  it('is the three bytes after the NAL unit header', () => {
    expect(profileLevelIdOf(spsNal)).toBe('42e01f');
  });

  it('is null for what is no sequence parameter set', () => {
    expect(profileLevelIdOf(ppsNal)).toBeNull();
    expect(profileLevelIdOf(bytes('6742e0'))).toBeNull();
    expect(profileLevelIdOf(Buffer.alloc(0))).toBeNull();
  });
});
