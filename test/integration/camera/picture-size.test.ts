import { expect, it } from 'vitest';
import { buildFit } from '../../../agent/camera/outputs.ts';
import { runTool, testFfmpeg } from '../../helpers/ffmpeg.ts';

/** The size that ffmpeg makes of a picture. */
async function fit(source: string, widthMax: number, heightMax: number): Promise<[number, number]> {
  const input = ['-loglevel', 'error', '-f', 'lavfi', '-i', source];
  const filter = buildFit({ widthMax, heightMax });
  const output = ['-vf', filter, '-frames:v', '1', '-f', 'image2pipe', '-c:v', 'pgm', 'pipe:1'];
  const picture = await runTool((await testFfmpeg()).path, [...input, ...output], Buffer.alloc(0));
  const [, width, height] = /^P5\s(\d+) (\d+)/.exec(picture.toString('latin1', 0, 40)) ?? [];
  return [Number(width), Number(height)];
}

it.each([
  ['320x180', 80, 44, [72, 40]],
  ['1366x768', 340, 190, [336, 188]],
  ['1280x720', 640, 360, [640, 360]],
  ['640x480', 160, 90, [120, 90]],
  ['853x480', 212, 120, [208, 118]],
])(
  'scales %s into %ix%i with an even height and a width of whole eights, in the same shape',
  async (size, width, height, expected) => {
    const fitted = await fit(`color=size=${size}`, width, height);
    expect(fitted).toEqual(expected);
    const [sourceWidth = 1, sourceHeight = 1] = size.split('x').map(Number);
    expect(Math.abs((fitted[0] / fitted[1]) * (sourceHeight / sourceWidth) - 1)).toBeLessThan(0.02);
  },
);

it('leaves a picture that fits as it is, but for an odd line', async () => {
  expect(await fit('color=size=854x481', 1280, 720)).toEqual([854, 480]);
});

it('makes pixels square', async () => {
  expect(await fit('color=size=720x576,setsar=64/45', 1280, 720)).toEqual([1024, 576]);
});

it('makes no picture of nothing', async () => {
  expect(await fit('color=size=64x48', 2, 2)).toEqual([2, 2]);
});
