import { setTimeout as sleep } from 'node:timers/promises';
import { startDevice } from './device.ts';
import type { Figure } from './figure.ts';
import { NativeDevice } from './native-device.ts';
import { measureCpuPercent } from './process-usage.ts';
import { median } from './statistics.ts';
import type { Step, StepContext } from './step.ts';
import { Viewers } from './viewers.ts';

const qualities = ['top', 'half', 'quarter'] as const;
const settleMs = 1_500;

/** What ffmpeg needs with so many renditions open, beside one that can do nothing else than the largest. */
export const renditionsStep: Step = {
  name: 'renditions',
  deadlineMs: { full: 150_000, quick: 60_000 },
  async run(context): Promise<Figure[]> {
    const { started } = context;
    const single = await openSingle(context);
    // It goes on for a while when the last viewer has left: then no rendition is open.
    const device = await startDevice(started, { camera: { lingerMs: 120_000 } });
    const groups: Viewers[] = [];
    const open: { cpuPercent: number; singlePercent: number }[] = [];
    for (const quality of qualities) {
      const viewers = new Viewers(started);
      await viewers.open({ link: device.link, count: 1 });
      await viewers.setQuality(quality);
      groups.push(viewers);
      open.push(await measure(context, device.ffmpegPid(), single));
    }
    for (const viewers of groups) await viewers.close();
    const closed = await measure(context, device.ffmpegPid(), single);
    const all = [closed, ...open];
    const figures = all.map(
      ({ cpuPercent, singlePercent }, count): Figure => ({
        id: `renditions.cpu.${count}`,
        title: `CPU of ffmpeg with ${count} rendition${count === 1 ? '' : 's'} open (% of a core)`,
        unit: '%',
        value: cpuPercent,
        baseline: { what: 'ffmpeg with one output, at the same time', value: singlePercent },
      }),
    );
    const one = open[0];
    return [
      ...figures,
      {
        id: 'renditions.closed',
        title: 'what two closed renditions add to the CPU of ffmpeg',
        unit: '%',
        value: one ? 100 * (one.cpuPercent / one.singlePercent - 1) : null,
        target: { max: 5 },
        note: 'one rendition open of three, beside an ffmpeg with one output, in percent of that',
      },
    ];
  },
};

async function openSingle({ started }: StepContext): Promise<number> {
  const viewers = new Viewers(started);
  return new NativeDevice(started).connect((connection, offer) => viewers.receive(connection, offer));
}

/** Both in the same windows, so that what else the machine does meets both. */
async function measure(context: StepContext, pid: number | null, single: number) {
  if (pid === null) throw new Error('there is no ffmpeg');
  const { signal } = context.started;
  await sleep(settleMs, undefined, { signal });
  const windows = [];
  for (let count = 0; count < (context.isQuick ? 3 : 7); count += 1) {
    const durationMs = context.isQuick ? 1_200 : 3_000;
    windows.push(
      await Promise.all([measureCpuPercent(pid, durationMs, signal), measureCpuPercent(single, durationMs, signal)]),
    );
  }
  const cpuPercent = median(windows.map(([ours]) => ours));
  const singlePercent = median(windows.map(([, other]) => other));
  context.say(`ffmpeg ${cpuPercent.toFixed(1)} %, with one output ${singlePercent.toFixed(1)} %`);
  return { cpuPercent, singlePercent };
}
