import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { openBrowser, ViewerPage } from '../helpers/e2e/browser.ts';
import { ColourFifo, colours } from '../helpers/e2e/colour-fifo.ts';
import { endAll, startUp, startUpWith, tempDir, waitFor } from '../helpers/e2e/command.ts';
import { findFfmpeg } from '../helpers/e2e/ffmpeg-process.ts';

afterEach(endAll);

describe('several cameras', () => {
  /** The test pattern and a picture that is all red. */
  async function startTwoCameras() {
    const fifo = new ColourFifo(join(await tempDir(), 'camera.y4m'), 'red');
    const cameras = [
      { source: 'test', name: 'Pattern' },
      { source: `file:${fifo.path}`, name: 'Plain' },
    ];
    const up = await startUpWith({ cameras });
    fifo.open();
    return { ...up, fifo };
  }

  it('are shown side by side', async () => {
    const { facts } = await startTwoCameras();
    const viewer = await ViewerPage.open(await openBrowser(), facts.link);
    await viewer.untilState('connected');
    await viewer.read((view) => {
      view.cameras = ['cam0', 'cam1'];
    });
    await waitFor(() => viewer.shows(colours.red.rgb, 1), 15_000);
    await viewer.untilMoved(300);
    expect(await viewer.shows(colours.red.rgb, 0)).toBe(false);
  });

  it('take turns on one line, without a new session', async () => {
    const { facts, command, fifo } = await startTwoCameras();
    const viewer = await ViewerPage.open(await openBrowser(), facts.link);
    await viewer.untilMoved(300);
    const switchTo = async (camera: string, isThere: () => Promise<unknown>) => {
      const startedAtMs = performance.now();
      await viewer.read((view, id) => {
        view.camera = id;
      }, camera);
      await waitFor(isThere, 10_000, () => `never ${camera}`);
      return Math.round(performance.now() - startedAtMs);
    };
    const thereMs = await switchTo('cam1', () => viewer.shows(colours.red.rgb));
    fifo.show('green');
    await waitFor(() => viewer.shows(colours.green.rgb), 5_000);
    const backMs = await switchTo('cam0', async () => !(await viewer.shows(colours.green.rgb)));
    await viewer.untilMoved(300);
    expect(command.stderr.split('session open')).toHaveLength(2);
    console.log(`another camera after ${thereMs} ms, the first one again after ${backMs} ms`);
  });
});

describe('the quality', () => {
  it('stays where the viewer pins it, and goes up again by itself when left to the device', async () => {
    const { facts } = await startUp(['--camera', 'test']);
    const viewer = await ViewerPage.open(await openBrowser(), facts.link);
    const untilWidth = async (width: number, timeoutMs: number) => {
      const startedAtMs = performance.now();
      await waitFor(
        () => viewer.read((view, wanted) => view.stats.width === wanted, width),
        timeoutMs,
        () => viewer.read((view) => JSON.stringify(view.stats)),
      );
      return Math.round(performance.now() - startedAtMs);
    };
    await viewer.untilMoved(300);
    await untilWidth(1280, 15_000);
    await viewer.read((view) => view.setQuality('half'));
    const downMs = await untilWidth(640, 3_000);
    expect(await viewer.read((view) => view.stats)).toMatchObject({ rendition: 'half', qualityReason: 'pinned' });
    await viewer.untilMoved(300);
    await viewer.read((view) => view.setQuality('auto'));
    const upMs = await untilWidth(1280, 15_000);
    console.log(`pinned to half: 640 wide after ${downMs} ms; auto: 1280 wide after ${upMs} ms`);
  });
});

describe('the latency from glass to glass', () => {
  it('is what the clock in the picture says', async () => {
    const { facts } = await startUp(['--camera', 'test']);
    const viewer = await ViewerPage.open(await openBrowser(), facts.link);
    await viewer.untilMoved(1_000);
    await untilNewLatency(viewer);
    const seconds: { toldMs: number; pixelsMs: number; count: number }[] = [];
    while (seconds.length < 4) {
      // Each figure of the page is about the frames since the one before.
      const ages = await viewer.pictureAges(900);
      seconds.push({ toldMs: await untilNewLatency(viewer), pixelsMs: Math.round(median(ages)), count: ages.length });
    }
    console.log(
      `glass to glass: ${seconds.map(({ toldMs, pixelsMs }) => `${toldMs} (pixels ${pixelsMs})`).join(', ')} ms`,
    );
    expect(seconds.reduce((sum, { count }) => sum + count, 0)).toBeGreaterThanOrEqual(30);
    expect(median(seconds.map(({ toldMs, pixelsMs }) => Math.abs(toldMs - pixelsMs)))).toBeLessThanOrEqual(20);
  });
});

/** What the page says of the latency, as soon as it says anything new. */
function untilNewLatency(viewer: ViewerPage): Promise<number> {
  return viewer.read(async (view) => {
    const before = view.stats;
    while (view.stats === before || view.stats.glassToGlassMs === null) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return view.stats.glassToGlassMs;
  });
}

describe('a browser without H.264', () => {
  it('gets VP8, which is encoded for nobody else', async () => {
    const { facts, command } = await startUp(['--camera', 'test']);
    const context = await openBrowser();
    const first = await ViewerPage.open(context, facts.link);
    await first.untilMoved(300);
    const ffmpeg = await findFfmpeg(command, 'testsrc2');
    // How ffmpeg was told to begin: the gate before the encoder is shut.
    expect(await readFile(`/proc/${ffmpeg}/cmdline`, 'latin1')).toMatch(/metadata@gate_vp8=[^,]*enable=1/);

    await context.addInitScript(() => {
      const getCapabilities = RTCRtpReceiver.getCapabilities.bind(RTCRtpReceiver);
      RTCRtpReceiver.getCapabilities = (kind) => {
        const known = getCapabilities(kind);
        const codecs = known?.codecs.filter(({ mimeType }) => kind !== 'video' || mimeType === 'video/VP8') ?? [];
        return known && { ...known, codecs };
      };
    });
    const viewer = await ViewerPage.open(context, facts.link);
    await viewer.untilMoved(500);
    const stats = await waitFor(() => viewer.read((view) => (view.stats.codec ? view.stats : null)), 5_000);
    expect(stats).toMatchObject({ codec: 'VP8', width: 640, rendition: 'vp8' });
  });
});

function median(values: readonly number[]): number {
  const sorted = [...values].sort((one, other) => one - other);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}
