import { execFileSync } from 'node:child_process';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { openBrowser, ViewerPage } from '../helpers/e2e/browser.ts';
import { ColourFifo, colours } from '../helpers/e2e/colour-fifo.ts';
import { endAll, type RunningCommand, startUp, tempDir, waitFor } from '../helpers/e2e/command.ts';
import { findFfmpeg } from '../helpers/e2e/ffmpeg-process.ts';

afterEach(endAll);

async function watchTestPattern() {
  const { facts, command } = await startUp(['--camera', 'test']);
  const viewer = await ViewerPage.open(await openBrowser(), facts.link);
  await viewer.untilMoved(500);
  return { command, viewer, ffmpeg: await findFfmpeg(command, 'testsrc2') };
}

/** Waits for a picture that was taken after the fault. @returns how long it took, in ms */
async function untilNewPicture(viewer: ViewerPage, faultAtMs: number, timeoutMs: number): Promise<number> {
  const clockThen = faultAtMs % 65_536;
  await waitFor(
    async () => {
      const clock = await viewer.clock();
      const aheadMs = clock === null ? 0 : (clock - clockThen + 65_536) % 65_536;
      return aheadMs > 100 && aheadMs < 32_768;
    },
    timeoutMs,
    () => viewer.stateLine(),
  );
  return Date.now() - faultAtMs;
}

async function untilStateLine(viewer: ViewerPage, words: string, timeoutMs: number): Promise<void> {
  await waitFor(
    async () => (await viewer.stateLine()).includes(words),
    timeoutMs,
    async () => `"${await viewer.stateLine()}" without "${words}"`,
  );
}

function expectOneSession(command: RunningCommand): void {
  expect(command.stderr.split('session open')).toHaveLength(2);
}

describe('an ffmpeg that is killed', () => {
  it('is replaced within two seconds, in the same session', async () => {
    const { command, viewer, ffmpeg } = await watchTestPattern();
    process.kill(ffmpeg, 'SIGKILL');
    const faultAtMs = Date.now();
    const tookMs = await untilNewPicture(viewer, faultAtMs, 10_000);
    await viewer.untilMoved(500);
    console.log(`ffmpeg killed: new pictures after ${tookMs} ms`);
    expect(tookMs).toBeLessThan(2_000);
    expectOneSession(command);
    expect(await findFfmpeg(command, 'testsrc2')).not.toBe(ffmpeg);
  });
});

describe('an ffmpeg that hangs', () => {
  it('is told on the page and replaced within twelve seconds, in the same session', async () => {
    const { command, viewer, ffmpeg } = await watchTestPattern();
    process.kill(ffmpeg, 'SIGSTOP');
    const faultAtMs = Date.now();
    await untilStateLine(viewer, 'is being restarted', 8_000);
    const toldMs = Date.now() - faultAtMs;
    const tookMs = await untilNewPicture(viewer, faultAtMs, 12_000);
    await viewer.untilMoved(500);
    await waitFor(async () => (await viewer.stateLine()) === '', 5_000);
    console.log(`ffmpeg stopped: told after ${toldMs} ms, new pictures after ${tookMs} ms`);
    expect(tookMs).toBeLessThan(12_000);
    expectOneSession(command);
  });
});

describe('a source that goes away', () => {
  it('is named on the page while it is gone, and comes back by itself: a file', async () => {
    const dir = await tempDir();
    const [file, elsewhere] = [join(dir, 'clip.mp4'), join(dir, 'elsewhere.mp4')];
    const graph = 'testsrc2=size=320x240:rate=25:d=1';
    const output = ['-c:v', 'libx264', '-pix_fmt', 'yuv420p', file];
    execFileSync('ffmpeg', ['-loglevel', 'error', '-f', 'lavfi', '-i', graph, ...output]);
    const { facts, command } = await startUp(['--camera', `file:${file}`]);
    const viewer = await ViewerPage.open(await openBrowser(), facts.link);
    const decoded = () => viewer.read((view) => view.stats.framesDecoded);
    await waitFor(async () => (await decoded()) > 20, 10_000);
    await rename(file, elsewhere);
    await untilStateLine(viewer, 'clip.mp4 does not exist', 10_000);
    const before = await decoded();
    await rename(elsewhere, file);
    await waitFor(async () => (await decoded()) > before + 20, 15_000);
    await waitFor(async () => (await viewer.stateLine()) === '', 5_000);
    expectOneSession(command);
  });

  it('is named on the page while it is gone, and comes back by itself: the writer of a FIFO', async () => {
    const fifo = new ColourFifo(join(await tempDir(), 'camera.y4m'), 'red');
    const { facts, command } = await startUp(['--camera', `file:${fifo.path}`]);
    const viewer = await ViewerPage.open(await openBrowser(), facts.link);
    fifo.open();
    await waitFor(() => viewer.shows(colours.red.rgb), 10_000);
    fifo.close();
    await untilStateLine(viewer, 'waiting for somebody to write', 5_000);
    fifo.show('blue');
    fifo.open();
    await waitFor(() => viewer.shows(colours.blue.rgb), 10_000);
    await waitFor(async () => (await viewer.stateLine()) === '', 5_000);
    expectOneSession(command);
  });
});
