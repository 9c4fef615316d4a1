import { setTimeout as sleep } from 'node:timers/promises';
import { buildAdaptationFigures, type Course, queueDelayMaxMs } from './adaptation-figures.ts';
import { openChromium, WatchedPage } from './chromium.ts';
import { cameraWidthPx } from './device.ts';
import type { Figure } from './figure.ts';
import type { SeenFrame } from './page-probe.ts';
import { judgeFlow } from './picture-flow.ts';
import { changePath, openRelayedPath, type RelayedPath, startRelayedDevice } from './relayed-device.ts';
import type { Step, StepContext } from './step.ts';
import { waitFor } from './wait-for.ts';

const fastKbps = 4_000;
const slowKbps = 600;
/** Each way. */
const delayMs = 20;
/** Of a usual router: 2.7 s at the slow rate, 0.4 s at the fast one. */
const queueMaxBytes = 200_000;
const sampleIntervalMs = 25;
const pinTimeoutMs = 10_000;

/** A capacity step 4 -> 0.6 -> 4 Mbit/s, with adaptation and, at the same time on a path of its own, pinned to full size. */
export const adaptationStep: Step = {
  name: 'adaptation',
  deadlineMs: { full: 180_000, quick: 90_000 },
  async run(context): Promise<Figure[]> {
    const [ours, pinned] = await Promise.all([follow(context, false), follow(context, true)]);
    return buildAdaptationFigures(ours, pinned);
  },
};

async function follow({ started, isQuick, say }: StepContext, isPinned: boolean): Promise<Course> {
  const path = await openRelayedPath(started, { delayMs, queueMaxBytes, rateKbps: fastKbps });
  const { link } = await startRelayedDevice(started, path);
  const page = await WatchedPage.open(await openChromium(started, path.ports), link, started.signal);
  if (isPinned) await pinToFullSize(page, started.signal);
  const wait = (seconds: number) => sleep(1000 * seconds, undefined, { signal: started.signal });
  await wait(isQuick ? 5 : 15);
  const before = await page.takeFrames();
  const downAtMs = wallMs();
  const queue = watchQueue(path);
  started.onEnd(queue.stop);
  changePath(path.relay, { rateKbps: slowKbps });
  await wait(isQuick ? 10 : 25);
  queue.stop();
  const upAtMs = wallMs();
  const down = await page.takeFrames();
  changePath(path.relay, { rateKbps: fastKbps });
  await wait(isQuick ? 12 : 40);
  const up = await page.takeFrames();
  const flow = judgeFlow(
    down.map(({ atMs }) => atMs),
    downAtMs,
    upAtMs,
  );
  const course = {
    beganAtFullSize: before.at(-1)?.width === cameraWidthPx,
    down: flow,
    worstQueueDelayMs: Math.max(...queue.samples.map((sample) => sample.delayMs)),
    settledMs: settledAfterMs(queue.samples),
    restoredMs: restoredAfterMs(down, up, upAtMs),
    narrowestPx: Math.min(...[...down, ...up].map(({ width }) => width)),
  };
  say(`${isPinned ? 'pinned' : 'adapting'}: ${JSON.stringify(course)}`);
  return course;
}

/** The first picture may be there before the channel on which commands go. */
async function pinToFullSize({ page }: WatchedPage, signal: AbortSignal): Promise<void> {
  const pin = (view: unknown) => (view as { setQuality(quality: string): Promise<void> }).setQuality('top');
  const isPinned = () =>
    page
      .locator('porthole-view')
      .evaluate(pin)
      .then(
        () => true,
        () => false,
      );
  await waitFor('the picture pinned to full size', isPinned, { timeoutMs: pinTimeoutMs, signal, intervalMs: 50 });
}

interface QueueSample {
  atMs: number;
  delayMs: number;
}

function watchQueue({ relay }: RelayedPath): { samples: QueueSample[]; stop(): void } {
  const samples: QueueSample[] = [];
  const fromMs = performance.now();
  const timer = setInterval(() => {
    samples.push({ atMs: performance.now() - fromMs, delayMs: relay.queueDelayMs('to-viewer') });
  }, sampleIntervalMs);
  return { samples, stop: () => clearInterval(timer) };
}

function settledAfterMs(samples: readonly QueueSample[]): number | null {
  const last = samples.findLastIndex(({ delayMs: waitMs }) => waitMs >= queueDelayMaxMs);
  if (last === samples.length - 1) return null;
  return last < 0 ? 0 : (samples[last]?.atMs ?? null);
}

function restoredAfterMs(down: readonly SeenFrame[], up: readonly SeenFrame[], upAtMs: number): number | null {
  const fullPx = Math.max(...down.map(({ width }) => width));
  const wasSmaller = [...down, ...up].some(({ width }) => width < fullPx);
  const lastSmaller = up.findLastIndex(({ width }) => width < fullPx);
  const restored = up[lastSmaller + 1];
  return wasSmaller && restored ? restored.atMs - upAtMs : null;
}

function wallMs(): number {
  return performance.timeOrigin + performance.now();
}
