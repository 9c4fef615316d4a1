import { describe, it } from 'vitest';
import { buildOutputs } from '../../../agent/camera/outputs.ts';
import { buildRenditions } from '../../../agent/camera/renditions.ts';
import { runTool, testFfmpeg } from '../../helpers/ffmpeg.ts';

const video = { widthMax: 1280, heightMax: 720, fps: 30, bitrateKbps: 2000, keyframeIntervalMs: 2000 };
const seconds = 20;

/** @returns how many frames a second are left of a source, whose times are moved by up to so many milliseconds */
async function rateOf(sourceFps: number, jitterMs = 0): Promise<number> {
  const renditions = buildRenditions({ video, encoder: 'libx264', hasVp8: false, isPassthrough: false });
  const [top] = buildOutputs({
    ...{ renditions, video, encoder: 'libx264', isLiveFile: false },
    isOpen: () => true,
    targetOf: () => '',
  });
  const [limit] = /select='[^']+'/.exec(top!.options.join(' '))!;
  const jitter = `settb=1/90000,setpts='PTS+(random(0)-0.5)*${(2 * jitterMs) / 1000}/TB'`;
  const source = `testsrc2=size=16x16:rate=${sourceFps}:duration=${seconds}`;
  const output = ['-vf', `${jitter},${limit}`, '-fps_mode', 'passthrough', '-f', 'framecrc', 'pipe:1'];
  const lines = (await runTool((await testFfmpeg()).path, ['-f', 'lavfi', '-i', source, ...output])).toString();
  return lines.split('\n').filter((line) => /^\d/.test(line)).length / seconds;
}

describe.concurrent('the frame rate of a source', () => {
  it('is brought down to the one asked for', async ({ expect }) => {
    expect(await Promise.all([40, 50, 60, 120].map((fps) => rateOf(fps)))).toEqual([30, 30, 30, 30]);
  });

  it('is left alone where it is about right or lower', async ({ expect }) => {
    expect(await Promise.all([10, 25, 30, 33].map((fps) => rateOf(fps)))).toEqual([10, 25, 30, 33]);
  });

  it('is left alone when frames come unevenly', async ({ expect }) => {
    expect(await rateOf(30, 8)).toBeGreaterThan(29.8);
    expect(await rateOf(60, 8)).toBeLessThan(31);
  });
});
