import { describe, expect, it } from 'vitest';
import { parseRpicamList } from '../../../../agent/camera/rpicam-cameras.ts';

describe('the list of cameras on the CSI connector', () => {
  it('is read from what the program prints', () => {
    const text = [
      'Available cameras',
      '-----------------',
      '0 : imx708 [4608x2592 10-bit RGGB] (/base/axi/pcie@120000/rp1/i2c@88000/imx708@1a)',
      "    Modes: 'SRGGB10_CSI2P' : 1536x864 [120.13 fps - (768, 432)/3072x1728 crop]",
      '                             4608x2592 [14.35 fps - (0, 0)/4608x2592 crop]',
      '1 : ov5647 [2592x1944 10-bit GBRG] (/base/axi/pcie@120000/rp1/i2c@80000/ov5647@36)',
    ].join('\n');
    expect(parseRpicamList(text)).toEqual([
      { source: 'rpicam:0', name: 'imx708' },
      { source: 'rpicam:1', name: 'ov5647' },
    ]);
  });

  it('is empty without cameras', () => {
    expect(parseRpicamList('No cameras available!\n')).toEqual([]);
  });
});
