import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { openBrowser, ViewerPage } from '../helpers/e2e/browser.ts';
import { ColourFifo, colours } from '../helpers/e2e/colour-fifo.ts';
import { endAll, startUp, startUpWith, tempDir, waitFor } from '../helpers/e2e/command.ts';

afterEach(endAll);

describe('the picture of a live FIFO', () => {
  it('is the frames that were written, pixel for pixel, as they change', async () => {
    const fifo = new ColourFifo(join(await tempDir(), 'camera.y4m'), 'red');
    const { facts } = await startUp(['--camera', `file:${fifo.path}`]);
    const viewer = await ViewerPage.open(await openBrowser(), facts.link);
    fifo.open();
    for (const colour of ['red', 'green', 'blue'] as const) {
      fifo.show(colour);
      const { rgb } = colours[colour];
      await waitFor(
        () => viewer.shows(rgb),
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
    makeClip(file);
    await waitFor(() => viewer.read((view) => view.stats.framesDecoded > 20), 15_000);
  });
});

describe('choosing a camera that is not there', () => {
  it('names it in place of the old picture, and shows it by itself when it is there', async () => {
    const file = join(await tempDir(), 'later.mp4');
    const { facts } = await startUpWith({
      cameras: [
        { id: 'pier', source: 'test' },
        { id: 'late', source: `file:${file}` },
      ],
    });
    const viewer = await ViewerPage.open(await openBrowser(), facts.link);
    const flowing = () => viewer.read((view) => view.stats.lines[0]?.camera);
    const isCovered = async () => (await viewer.page.locator('porthole-view .tile[data-awaited]').count()) === 1;
    await waitFor(() => viewer.read((view) => view.stats.framesDecoded > 20), 15_000);
    await viewer.read((view) => {
      view.camera = 'late';
    });
    await waitFor(async () => (await viewer.stateLine()).includes('later.mp4'), 5_000);
    expect([await isCovered(), await flowing()]).toEqual([true, 'pier']);
    await waitFor(() => viewer.read((view) => view.stats.lines[0]?.framesPerSecond === 0), 5_000);
    makeClip(file);
    await waitFor(async () => (await flowing()) === 'late' && !(await isCovered()), 15_000);
    await waitFor(() => viewer.read((view) => view.stats.width === 320), 5_000);
    expect(await viewer.stateLine()).toBe('');
  });
});

/** Two seconds of a moving pattern. */
function makeClip(file: string): void {
  const args = '-loglevel error -f lavfi -i testsrc2=size=320x240:rate=25:d=2 -c:v libx264 -pix_fmt yuv420p';
  execFileSync('ffmpeg', [...args.split(' '), file]);
}
