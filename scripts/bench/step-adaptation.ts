import { setTimeout as sleep } from 'node:timers/promises';
import { openChromium, WatchedPage } from './chromium.ts';
import type { Figure } from './figure.ts';
import type { SeenFrame } from './page-probe.ts';
import { judgeFlow, type PictureFlow } from './picture-flow.ts';
import { changePath, openRelayedPath, type RelayedPath, startRelayedDevice } from './relayed-device.ts';
import type { Step, StepContext } from './step.ts';

/** What a session met when the capacity of its path went down and up again. */
interface Course {
  down: PictureFlow;
  /** In the queue in front of the bottleneck, after the step down. */
  worstQueueDelayMs: number;
  /** From the step down until the queue delay is below the bound for good; null: never. */
  settledMs: number | null;
  /** From the step up until the picture has its full size again; null: never, or never left. */
  restoredMs: number | null;
  narrowestPx: number;
}

const fastKbps = 4_000;
const slowKbps = 600;
/** Each way. */
const delayMs = 20;
/** Of a usual router: 2.7 s at the slow rate, 0.4 s at the fast one. */
const queueMaxBytes = 200_000;
const queueDelayMaxMs = 200;
const sampleIntervalMs = 25;

/** A capacity step 4 -> 0.6 -> 4 Mbit/s, with adaptation and, at the same time on a path of its own, pinned to full size. */
export const adaptationStep: Step = {
  name: 'adaptation',
  deadlineMs: { full: 180_000, quick: 90_000 },
  async run(context): Promise<Figure[]> {
    const [ours, pinned] = await Promise.all([follow(context, false), follow(context, true)]);
    const what = 'pinned to full size';
    return [
      {
        id: 'adaptation.gap',
        title: 'longest pause of the picture after the step down',
        unit: 'ms',
        value: ours.down.longestGapMs,
        baseline: { what, value: pinned.down.longestGapMs },
        target: { max: 1_000 },
        note: `smallest picture ${ours.narrowestPx} pixels wide, baseline ${pinned.narrowestPx}`,
      },
      {
        id: 'adaptation.settled',
        title: `queue delay below ${queueDelayMaxMs} ms after the step down, for good`,
        unit: 'ms',
        value: ours.settledMs ?? Number.POSITIVE_INFINITY,
        baseline: { what, value: pinned.settledMs ?? Number.POSITIVE_INFINITY },
        target: { max: 4_000 },
      },
      {
        id: 'adaptation.queue',
        title: 'worst queue delay after the step down',
        unit: 'ms',
        value: ours.worstQueueDelayMs,
        baseline: { what, value: pinned.worstQueueDelayMs },
      },
      {
        id: 'adaptation.frozen',
        title: 'time in pauses of 200 ms and more after the step down',
        unit: 'ms',
        value: ours.down.frozenMs,
        baseline: { what, value: pinned.down.frozenMs },
      },
      {
        id: 'adaptation.restored',
        title: 'full size again after the step up',
        unit: 'ms',
        value: ours.restoredMs,
        ...(ours.restoredMs === null && { note: 'the picture did not leave its full size, or did not come back' }),
      },
    ];
  },
};

async function follow({ started, isQuick, say }: StepContext, isPinned: boolean): Promise<Course> {
  const path = await openRelayedPath(started, { delayMs, queueMaxBytes, rateKbps: fastKbps });
  const { link } = await startRelayedDevice(started, path);
  const page = await WatchedPage.open(await openChromium(started, path.ports), link, started.signal);
  if (isPinned) await pinToFullSize(page, say);
  const wait = (seconds: number) => sleep(1000 * seconds, undefined, { signal: started.signal });
  await wait(isQuick ? 5 : 15);
  await page.takeFrames();
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
    down: flow,
    worstQueueDelayMs: Math.max(...queue.samples.map((sample) => sample.delayMs)),
    settledMs: settledAfterMs(queue.samples),
    restoredMs: restoredAfterMs(down, up, upAtMs),
    narrowestPx: Math.min(...[...down, ...up].map(({ width }) => width)),
  };
  say(`${isPinned ? 'pinned' : 'adapting'}: ${JSON.stringify(course)}`);
  return course;
}

async function pinToFullSize(page: WatchedPage, say: StepContext['say']): Promise<void> {
  await page.page
    .locator('porthole-view')
    .evaluate((view) =>
      (view as unknown as { call(method: string, params: object): Promise<unknown> }).call('video.quality', {
        quality: 'top',
      }),
    )
    .catch((error) => say(`cannot be pinned: ${error}`));
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
