import { setTimeout as sleep } from 'node:timers/promises';
import { openChromium, WatchedPage } from './chromium.ts';
import { startDevice } from './device.ts';
import type { Figure } from './figure.ts';
import { NativeDevice } from './native-device.ts';
import { quantile } from './statistics.ts';
import type { Step, StepContext } from './step.ts';

interface Ages {
  /** When the page learned of the picture. */
  seenMs: number[];
  /** When the browser meant it to be on the screen. */
  displayedMs: number[];
}

/** Joining is over by then: the pictures are live. */
const settleMs = 2_000;
/** Older than this the clock in the picture is misread, or not there. */
const plausibleMaxMs = 5_000;
const readClockEvery = 3;

/** How old pictures are when they reach the screen, read from the clock in their pixels. */
export const glassStep: Step = {
  name: 'glass',
  deadlineMs: { full: 120_000, quick: 60_000 },
  async run(context): Promise<Figure[]> {
    const { started } = context;
    const { link } = await startDevice(started);
    const page = await WatchedPage.open(await openChromium(started), link, started.signal);
    const ours = await measureAges(context, page);
    const reportedMs = await page.page
      .locator('porthole-view')
      .evaluate(
        (view) => (view as unknown as { stats: { glassToGlassMs?: number | null } }).stats.glassToGlassMs ?? null,
      );
    await page.page.context().close();
    const bare = await WatchedPage.openBare(await openChromium(started), new NativeDevice(started), started.signal);
    const native = await measureAges(context, bare);
    const figure = (share: number, key: keyof Ages): Omit<Figure, 'id' | 'title'> => ({
      unit: 'ms',
      value: quantile(ours[key], share),
      baseline: { what: 'bare page and native chain', value: quantile(native[key], share) },
    });
    const displayed = `meant for the screen ${quantile(ours.displayedMs, 0.5).toFixed(1)} ms (p50), ${quantile(ours.displayedMs, 0.95).toFixed(1)} ms (p95)`;
    return [
      {
        id: 'glass.p50',
        title: 'glass to glass, median',
        ...figure(0.5, 'seenMs'),
        target: { max: 20 },
        note: `${ours.seenMs.length} pictures; ${displayed}`,
        samples: ours.seenMs,
      },
      { id: 'glass.p95', title: 'glass to glass, 95 of 100', ...figure(0.95, 'seenMs'), target: { max: 45 } },
      {
        id: 'glass.reported',
        title: 'glass to glass as the page reports it, less the one in the pixels',
        unit: 'ms',
        value: reportedMs === null ? null : Math.abs(reportedMs - quantile(ours.displayedMs, 0.5)),
        target: { max: 20 },
        note: `the page says ${reportedMs} ms`,
      },
    ];
  },
};

async function measureAges({ started, isQuick, say }: StepContext, page: WatchedPage): Promise<Ages> {
  await sleep(settleMs, undefined, { signal: started.signal });
  await page.read((probe, every) => {
    probe.readClockEvery = every;
  }, readClockEvery);
  await page.takeFrames();
  await sleep(isQuick ? 6_000 : 30_000, undefined, { signal: started.signal });
  const read = (await page.takeFrames()).flatMap(({ clockAgeMs, atMs, displayAtMs }) =>
    clockAgeMs === null || clockAgeMs > plausibleMaxMs ? [] : [{ seenMs: clockAgeMs, waitsMs: displayAtMs - atMs }],
  );
  if (read.length === 0) throw new Error('no picture had a clock that could be read');
  const seenMs = read.map((one) => one.seenMs);
  say(`glass to glass: median ${quantile(seenMs, 0.5)} ms, 95 of 100 ${quantile(seenMs, 0.95).toFixed(0)} ms`);
  return { seenMs, displayedMs: read.map((one) => one.seenMs + one.waitsMs) };
}
