import { execFileSync } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, it } from 'vitest';
import { openBrowser, ViewerPage } from '../helpers/e2e/browser.ts';
import { endAll, onTestEnd, startUp, tempDir, waitFor } from '../helpers/e2e/command.ts';

afterEach(endAll);

const width = 320;
const height = 240;

/** One YUV4MPEG2 frame of a single colour. */
function y4mFrame([y, u, v]: readonly [number, number, number]): Buffer {
  const chroma = (width * height) / 4;
  return Buffer.concat([
    Buffer.from('FRAME\n'),
    Buffer.alloc(width * height, y),
    Buffer.alloc(chroma, u),
    Buffer.alloc(chroma, v),
  ]);
}

/** BT.601 limited range, what an unmarked YUV4MPEG2 stream means, and the colour a screen makes of it. */
const colours = {
  red: { yuv: [81, 90, 240], rgb: [255, 0, 0] },
  green: { yuv: [145, 54, 34], rgb: [0, 255, 0] },
  blue: { yuv: [41, 240, 110], rgb: [0, 0, 255] },
} as const;

describe('the picture of a live FIFO', () => {
  it('is the frames that were written, pixel for pixel, as they change', async () => {
    const fifo = join(await tempDir(), 'camera.y4m');
    execFileSync('mkfifo', [fifo]);
    const { facts } = await startUp(['--camera', `file:${fifo}`]);
    const viewer = await ViewerPage.open(await openBrowser(), facts.link);
    const pipe = createWriteStream(fifo);
    pipe.on('error', () => {});
    onTestEnd(() => pipe.destroy());
    pipe.write(`YUV4MPEG2 W${width} H${height} F25:1 Ip A1:1 C420jpeg\n`);
    let frame = y4mFrame(colours.red.yuv);
    const timer = setInterval(() => pipe.writableLength < 1_000_000 && pipe.write(frame), 40);
    onTestEnd(() => clearInterval(timer));
    for (const { yuv, rgb } of Object.values(colours)) {
      frame = y4mFrame(yuv);
      await waitFor(
        async () => {
          const pixel = await viewer.pixels({ x: 0.4, y: 0.4, width: 0.2, height: 0.2 }, 1);
          return pixel && rgb.every((value, channel) => Math.abs((pixel[channel] ?? 0) - value) < 40);
        },
        10_000,
        () => `never ${rgb}`,
      );
    }
    await waitFor(() => viewer.read((view) => view.stats.width === 320 && view.stats.height === 240), 5_000);
  });
});

describe('the picture of a video file', () => {
  it('plays in a loop', async () => {
    const file = join(await tempDir(), 'clip.mp4');
    // Two seconds: one black, one white. Seeing black again after white is the loop.
    const graph = 'color=black:size=320x240:rate=25:d=1[a];color=white:size=320x240:rate=25:d=1[b];[a][b]concat';
    execFileSync('ffmpeg', [
      '-loglevel',
      'error',
      '-f',
      'lavfi',
      '-i',
      graph,
      '-c:v',
      'libx264',
      '-pix_fmt',
      'yuv420p',
      file,
    ]);
    const { facts } = await startUp(['--camera', `file:${file}`]);
    const viewer = await ViewerPage.open(await openBrowser(), facts.link);
    const brightness = async () => (await viewer.pixels({ x: 0.4, y: 0.4, width: 0.2, height: 0.2 }, 1))?.[0] ?? 128;
    await waitFor(async () => (await brightness()) > 200, 10_000);
    await waitFor(async () => (await brightness()) < 50, 10_000);
    await waitFor(async () => (await brightness()) > 200, 10_000);
  });
});

describe('a camera that is not there', () => {
  it('is named on the page, and comes by itself when it is there', async () => {
    const file = join(await tempDir(), 'later.mp4');
    const { facts } = await startUp(['--camera', `file:${file}`]);
    const viewer = await ViewerPage.open(await openBrowser(), facts.link);
    await viewer.untilState('connected');
    await waitFor(async () => (await viewer.stateLine()).includes('later.mp4'), 5_000);
    const args = '-loglevel error -f lavfi -i testsrc2=size=320x240:rate=25:d=2 -c:v libx264 -pix_fmt yuv420p'.split(
      ' ',
    );
    execFileSync('ffmpeg', [...args, file]);
    await waitFor(() => viewer.read((view) => view.stats.framesDecoded > 20), 15_000);
  });
});
