import { setTimeout as sleep } from 'node:timers/promises';
import { openChromium, WatchedPage } from './chromium.ts';
import type { Figure } from './figure.ts';
import { NativeDevice } from './native-device.ts';
import { judgeFlow, type PictureFlow } from './picture-flow.ts';
import { changePath, openRelayedPath, type RelayedPath, startRelayedDevice } from './relayed-device.ts';
import type { Step, StepContext } from './step.ts';

interface Seen extends PictureFlow {
  framesPerSecond: number;
  framesDecoded: number;
  lostOnPath: number;
}

const lossPercents = [0, 1, 5, 10] as const;
/** Each way: a country away. */
const delayMs = 20;
const settleMs = 1_500;

/** What random loss does to the picture, without congestion. Ours and the native chain are watched at the same time. */
export const lossStep: Step = {
  name: 'loss',
  deadlineMs: { full: 330_000, quick: 75_000 },
  async run(context): Promise<Figure[]> {
    const [ours, native] = await Promise.all([openOurs(context), openNative(context)]);
    const figures: Figure[] = [];
    for (const percent of lossPercents) {
      const seconds = context.isQuick ? 5 : percent === 5 ? 60 : 30;
      const [seen, baseline] = await Promise.all([
        watch(context, ours, percent, seconds),
        watch(context, native, percent, seconds),
      ]);
      figures.push(...figuresOf(percent, seconds, seen, baseline));
      context.say(
        `${percent} %: longest gap ${seen.longestGapMs.toFixed(0)} ms (native ${baseline.longestGapMs.toFixed(0)}), ${seen.framesPerSecond.toFixed(1)} frames a second (native ${baseline.framesPerSecond.toFixed(1)})`,
      );
    }
    return figures;
  },
};

function figuresOf(percent: number, seconds: number, seen: Seen, baseline: Seen): Figure[] {
  const what = 'bare page and native chain';
  return [
    {
      id: `loss.${percent}.gap`,
      title: `longest pause of the picture, ${percent} % loss`,
      unit: 'ms',
      value: seen.longestGapMs,
      baseline: { what, value: baseline.longestGapMs },
      ...(percent === 5 && { target: { max: 500 } }),
      note: `in ${seconds} s with ${2 * delayMs} ms round trip; ${seen.freezes} pauses of 200 ms and more, baseline ${baseline.freezes}; ${seen.lostOnPath} packets lost on the way`,
    },
    {
      id: `loss.${percent}.frames`,
      title: `frames decoded a second, ${percent} % loss`,
      unit: 'frames',
      value: seen.framesDecoded / seconds,
      baseline: { what, value: baseline.framesDecoded / seconds },
    },
  ];
}

interface Watched {
  page: WatchedPage;
  path: RelayedPath;
}

async function openOurs({ started }: StepContext): Promise<Watched> {
  const path = await openRelayedPath(started, { delayMs });
  const { link } = await startRelayedDevice(started, path);
  const page = await WatchedPage.open(await openChromium(started, path.ports), link, started.signal);
  return { page, path };
}

async function openNative({ started }: StepContext): Promise<Watched> {
  const path = await openRelayedPath(started, { delayMs });
  const device = new NativeDevice(started, path.announcement);
  const page = await WatchedPage.openBare(await openChromium(started, path.ports), device, started.signal);
  return { page, path };
}

async function watch(
  { started }: StepContext,
  { page, path }: Watched,
  percent: number,
  seconds: number,
): Promise<Seen> {
  changePath(path.relay, { lossFraction: percent / 100 });
  await sleep(settleMs, undefined, { signal: started.signal });
  await page.takeFrames();
  const [before, lostBefore] = [await page.counters(), path.relay.stats('to-viewer').packetsLost];
  const fromMs = performance.timeOrigin + performance.now();
  await sleep(1000 * seconds, undefined, { signal: started.signal });
  const untilMs = performance.timeOrigin + performance.now();
  const after = await page.counters();
  const seenAtMs = (await page.takeFrames()).map(({ atMs }) => atMs);
  return {
    ...judgeFlow(seenAtMs, fromMs, untilMs),
    framesPerSecond: seenAtMs.length / seconds,
    framesDecoded: after.framesDecoded - before.framesDecoded,
    lostOnPath: path.relay.stats('to-viewer').packetsLost - lostBefore,
  };
}
