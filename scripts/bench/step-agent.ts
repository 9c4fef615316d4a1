import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { pidOf, startWorker } from './child.ts';
import { startDevice } from './device.ts';
import type { Figure } from './figure.ts';
import { readMemoryMb } from './process-usage.ts';
import { Started } from './started.ts';
import { median } from './statistics.ts';
import type { Step, StepContext } from './step.ts';

/** Start is over by then, and garbage of it collected, as far as it ever is. */
const settleMs = { full: 4_000, quick: 1_500 };

/** How soon an agent is online, and what it holds while nobody watches; beside a Node with the same libraries and no more. */
export const agentStep: Step = {
  name: 'agent',
  deadlineMs: { full: 120_000, quick: 60_000 },
  async run(context): Promise<Figure[]> {
    const repeats = context.isQuick ? 3 : 5;
    const agents = [];
    const bare = [];
    // In turns, so that what else this machine does meets both.
    for (let repeat = 0; repeat < repeats; repeat += 1) {
      agents.push(await measureAgent(context));
      bare.push(await measureBare(context));
      context.say(`online after ${Math.round(agents.at(-1)?.onlineMs ?? 0)} ms`);
    }
    const onlineMs = agents.map((agent) => agent.onlineMs);
    const memoryMb = agents.map((agent) => agent.memoryMb);
    return [
      {
        id: 'agent.online',
        title: 'agent online after its start',
        unit: 'ms',
        value: median(onlineMs),
        baseline: {
          what: 'bare Node with the libraries, at the same moment',
          value: median(bare.map((one) => one.readyMs)),
        },
        target: { max: 1_000 },
        samples: onlineMs,
      },
      {
        id: 'agent.memory',
        title: 'agent base memory',
        unit: 'MB',
        value: median(memoryMb),
        baseline: { what: 'bare Node with the libraries', value: median(bare.map((one) => one.memoryMb)) },
        target: { max: 90 },
        samples: memoryMb,
      },
    ];
  },
};

async function measureAgent({ started, isQuick }: StepContext): Promise<{ onlineMs: number; memoryMb: number }> {
  const own = new Started();
  started.onEnd(() => own.endAll());
  const { onlineMs, pid } = await startDevice(own);
  await sleep(isQuick ? settleMs.quick : settleMs.full, undefined, { signal: started.signal });
  const memoryMb = readMemoryMb(pid);
  await own.endAll();
  return { onlineMs, memoryMb };
}

async function measureBare({ started, isQuick }: StepContext): Promise<{ readyMs: number; memoryMb: number }> {
  const startedAtMs = performance.now();
  const own = new Started();
  started.onEnd(() => own.endAll());
  const worker = startWorker('bare-worker', own);
  await once(worker, 'message', { signal: started.signal });
  const readyMs = performance.now() - startedAtMs;
  await sleep(isQuick ? settleMs.quick : settleMs.full, undefined, { signal: started.signal });
  const memoryMb = readMemoryMb(pidOf(worker));
  await own.endAll();
  return { readyMs, memoryMb };
}
