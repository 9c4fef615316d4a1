import { openChromium, WatchedPage } from './chromium.ts';
import { startDevice } from './device.ts';
import type { Figure } from './figure.ts';
import { NativeDevice } from './native-device.ts';
import type { MarkName, Marks } from './page-probe.ts';
import { median } from './statistics.ts';
import type { Step, StepContext } from './step.ts';
import { Viewers } from './viewers.ts';
import { waitFor } from './wait-for.ts';

/** From the hello to the picture, and what happens on the way, in the order in which a page reaches it. */
const milestones: readonly (readonly [MarkName, string])[] = [
  ['offerArrived', 'offer arrives'],
  ['connectionMade', 'offer opened'],
  ['offerApplied', 'offer applied'],
  ['answerMade', 'answer made'],
  ['answerSent', 'answer sent'],
  ['answerApplied', 'answer applied'],
  ['iceConnected', 'ICE connected'],
  ['connected', 'DTLS done'],
  ['firstPacketArrived', 'first frame received'],
  ['firstFrame', 'first frame shown'],
];

/** How soon a page has a picture after its hello, with an encoder that runs and with one that has to be started. */
export const firstFrameStep: Step = {
  name: 'first-frame',
  deadlineMs: { full: 180_000, quick: 75_000 },
  async run(context): Promise<Figure[]> {
    const repeats = context.isQuick ? 6 : 20;
    const warm = await measureWarm(context, repeats);
    const native = await measureNative(context, repeats);
    const cold = await measureCold(context, Math.ceil(repeats / 2));
    return [
      {
        id: 'first-frame.warm',
        title: 'first frame after the hello, encoder running',
        unit: 'ms',
        value: median(warm.map(tookMs)),
        baseline: { what: 'bare page and native chain, after the offer', value: median(native.map(afterOfferMs)) },
        target: { max: 100 },
        note: `median moments after the hello: ${describeMilestones(warm)}`,
        samples: warm.map(tookMs),
      },
      {
        id: 'first-frame.warm-after-offer',
        title: 'first frame after the offer arrived, encoder running',
        unit: 'ms',
        value: median(warm.map(afterOfferMs)),
        baseline: { what: 'bare page and native chain', value: median(native.map(afterOfferMs)) },
      },
      {
        id: 'first-frame.cold',
        title: 'first frame after the hello, encoder stopped',
        unit: 'ms',
        value: median(cold.map(tookMs)),
        target: { max: 700 },
        note: `median moments after the hello: ${describeMilestones(cold)}`,
        samples: cold.map(tookMs),
      },
    ];
  },
};

async function measureWarm({ started, say }: StepContext, repeats: number): Promise<Marks[]> {
  const { link } = await startDevice(started);
  // Somebody who keeps the encoder running.
  await new Viewers(started).open({ link, count: 1 });
  const page = await WatchedPage.open(await openChromium(started), link, started.signal);
  const all = await repeat(repeats, async () => {
    await page.reload();
    return page.read(({ marks }) => marks);
  });
  await page.page.close();
  say(`warm: ${all.map((marks) => Math.round(tookMs(marks))).join(' ')} ms`);
  return all;
}

async function measureCold({ started, say }: StepContext, repeats: number): Promise<Marks[]> {
  const { link, ffmpegPid } = await startDevice(started, { camera: { lingerMs: 0 } });
  const context = await openChromium(started);
  const page = await WatchedPage.open(context, link, started.signal);
  const all = await repeat(repeats, async () => {
    await page.page.goto('about:blank');
    await waitFor('the end of the encoder', () => ffmpegPid() === null, { timeoutMs: 15_000, signal: started.signal });
    await page.page.goBack();
    await page.untilFrames(1);
    return page.read(({ marks }) => marks);
  });
  await page.page.close();
  say(`cold: ${all.map((marks) => Math.round(tookMs(marks))).join(' ')} ms`);
  return all;
}

async function measureNative({ started, say }: StepContext, repeats: number): Promise<Marks[]> {
  const device = new NativeDevice(started);
  const context = await openChromium(started);
  const all = await repeat(repeats, async () => {
    const page = await WatchedPage.openBare(context, device, started.signal);
    const marks = await page.read(({ marks }) => marks);
    await page.page.close();
    return marks;
  });
  say(`native chain: ${all.map((marks) => Math.round(afterOfferMs(marks))).join(' ')} ms after the offer`);
  return all;
}

async function repeat<Value>(times: number, run: () => Promise<Value>): Promise<Value[]> {
  const values: Value[] = [];
  for (let time = 0; time < times; time += 1) values.push(await run());
  return values;
}

function tookMs({ helloSent = Number.NaN, firstFrame = Number.NaN }: Marks): number {
  return firstFrame - helloSent;
}

function afterOfferMs({ connectionMade = Number.NaN, firstFrame = Number.NaN }: Marks): number {
  return firstFrame - connectionMade;
}

function describeMilestones(all: readonly Marks[]): string {
  return milestones
    .map(([name, text]) => {
      const afterMs = all.flatMap(({ [name]: atMs, helloSent }) => (atMs && helloSent ? [atMs - helloSent] : []));
      return afterMs.length > 0 ? `${text} ${median(afterMs).toFixed(0)}` : '';
    })
    .filter(Boolean)
    .join(', ');
}
