import { setTimeout as sleep } from 'node:timers/promises';
import { startDevice } from './device.ts';
import type { Figure } from './figure.ts';
import { NativeDevice } from './native-device.ts';
import { measureCpuPercent, readMemoryMb } from './process-usage.ts';
import { Started } from './started.ts';
import type { Step, StepContext } from './step.ts';
import { Viewers } from './viewers.ts';

interface Load {
  count: number;
  cpuPercent: number;
  ffmpegPercent: number;
  memoryMb: number;
  /** At each viewer. */
  framesPerSecond: number;
  packetsPerSecond: number;
}

/** The sending process, and how to give it more viewers. */
interface Sender {
  pid: number;
  viewers: Viewers;
  add(count: number): Promise<void>;
  /** The encoder, once there are viewers. */
  ffmpegPid(): number | null;
}

const counts = [1, 10, 50] as const;
/** What opening sessions costs is not what having them costs. */
const settleMs = 1_500;

/** What each further viewer costs the sending process: ours, and one with the native chain for each viewer. */
export const viewersStep: Step = {
  name: 'viewers',
  deadlineMs: { full: 240_000, quick: 100_000 },
  async run(context): Promise<Figure[]> {
    const ours = await inTurn(context, openOurs);
    const native = await inTurn(context, openNative);
    return [...counts.flatMap((count) => figuresOf(count, ours, native)), ffmpegFigure(ours)];
  },
};

function figuresOf(count: number, ours: Load[], native: Load[]): Figure[] {
  const at = (loads: Load[], wanted: number) => loads.find((load) => load.count === wanted);
  // All of the process by all viewers: a share of what even one viewer costs is in it.
  const cpu = (loads: Load[]) => (at(loads, count)?.cpuPercent ?? Number.NaN) / count;
  const memory = (loads: Load[]) =>
    ((at(loads, count)?.memoryMb ?? Number.NaN) - (at(loads, 1)?.memoryMb ?? Number.NaN)) / (count - 1);
  const what = 'native chain for each viewer';
  const furtherCpu = (loads: Load[]) =>
    ((at(loads, count)?.cpuPercent ?? Number.NaN) - (at(loads, 1)?.cpuPercent ?? Number.NaN)) / (count - 1);
  const further =
    count > 1
      ? `each further viewer ${furtherCpu(ours).toFixed(3)} %, baseline ${furtherCpu(native).toFixed(3)} %; `
      : '';
  const note = `${further}${at(ours, count)?.framesPerSecond.toFixed(1)} frames a second at each viewer, baseline ${at(native, count)?.framesPerSecond.toFixed(1)}`;
  const cpuFigure: Figure = {
    id: `viewers.cpu.${count}`,
    title: `CPU of the agent by viewer, ${count} viewer${count === 1 ? '' : 's'} (% of a core)`,
    unit: '%',
    value: cpu(ours),
    baseline: { what, value: cpu(native) },
    note,
    ...(count === 50 && { target: { max: 0.22 } }),
  };
  if (count === 1) return [cpuFigure];
  return [
    cpuFigure,
    {
      id: `viewers.memory.${count}`,
      title: `memory of the agent by further viewer, ${count} viewers`,
      unit: 'MB',
      value: memory(ours),
      baseline: { what, value: memory(native) },
      ...(count === 50 && { target: { max: 0.4 } }),
    },
  ];
}

/** One encoder for all: ten viewers of one rendition cost it what one costs. */
function ffmpegFigure(ours: Load[]): Figure {
  const at = (wanted: number) => ours.find(({ count }) => count === wanted)?.ffmpegPercent ?? null;
  return {
    id: 'viewers.ffmpeg.10',
    title: 'CPU of ffmpeg, 10 viewers (% of a core)',
    unit: '%',
    value: at(10),
    baseline: { what: '1 viewer', value: at(1) },
    note: `50 viewers: ${at(50)?.toFixed(1)} %`,
  };
}

async function inTurn(context: StepContext, open: (own: Started) => Promise<Sender>): Promise<Load[]> {
  const own = new Started();
  context.started.onEnd(() => own.endAll());
  const sender = await open(own);
  const loads: Load[] = [];
  for (const count of counts) {
    await sender.add(count - (loads.at(-1)?.count ?? 0));
    await sleep(settleMs, undefined, { signal: own.signal });
    loads.push(await measureLoad(sender, count, context, own));
  }
  await own.endAll();
  return loads;
}

async function measureLoad(sender: Sender, count: number, context: StepContext, own: Started): Promise<Load> {
  const durationMs = context.isQuick ? 4_000 : 20_000;
  const before = await sender.viewers.counters();
  const startedAtMs = performance.now();
  const ffmpegPid = sender.ffmpegPid();
  const [cpuPercent, ffmpegPercent] = await Promise.all([
    measureCpuPercent(sender.pid, durationMs, own.signal),
    ffmpegPid === null ? Number.NaN : measureCpuPercent(ffmpegPid, durationMs, own.signal),
  ]);
  const after = await sender.viewers.counters();
  if (after.connected !== count) throw new Error(`${after.connected} of ${count} viewers are connected`);
  const seconds = (performance.now() - startedAtMs) / 1000;
  const framesPerSecond = (after.framesReceived - before.framesReceived) / seconds / count;
  const packetsPerSecond = (after.packetsReceived - before.packetsReceived) / seconds / count;
  const memoryMb = readMemoryMb(sender.pid);
  context.say(
    `${count} viewers: ${cpuPercent.toFixed(1)} % of a core, ${memoryMb.toFixed(0)} MB, ${framesPerSecond.toFixed(1)} frames and ${packetsPerSecond.toFixed(0)} packets a second each`,
  );
  return { count, cpuPercent, ffmpegPercent, memoryMb, framesPerSecond, packetsPerSecond };
}

async function openOurs(own: Started): Promise<Sender> {
  const { pid, link, ffmpegPid } = await startDevice(own, { sessions: 60 });
  const viewers = new Viewers(own);
  return { pid, viewers, ffmpegPid, add: (count) => viewers.open({ link, count }) };
}

async function openNative(own: Started): Promise<Sender> {
  const device = new NativeDevice(own);
  const viewers = new Viewers(own);
  let encoder: number | null = null;
  const add = async (count: number) => {
    for (let added = 0; added < count; added += 1) {
      encoder = await device.connect((connection, offer) => viewers.receive(connection, offer));
    }
  };
  return { pid: device.pid, viewers, ffmpegPid: () => encoder, add };
}
