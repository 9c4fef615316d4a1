import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { type Figure, verdictOf } from './figure.ts';
import { readMachineCpu } from './process-usage.ts';
import { formatTable } from './report-table.ts';
import { Started } from './started.ts';
import type { Step } from './step.ts';
import { adaptationStep } from './step-adaptation.ts';
import { agentStep } from './step-agent.ts';
import { firstFrameStep } from './step-first-frame.ts';
import { glassStep } from './step-glass.ts';
import { lossStep } from './step-loss.ts';
import { renditionsStep } from './step-renditions.ts';
import { viewersStep } from './step-viewers.ts';

const steps: readonly Step[] = [
  agentStep,
  firstFrameStep,
  glassStep,
  viewersStep,
  renditionsStep,
  lossStep,
  adaptationStep,
];
/** Beyond this share of the machine, others make figures worse than they are. */
const foreignMaxPercent = 10;

const { values: flags } = parseArgs({
  options: { quick: { type: 'boolean', default: false }, only: { type: 'string' }, output: { type: 'string' } },
});

let current: Started | null = null;
let isInterrupted = false;
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.on(name, () => {
    isInterrupted = true;
    void current?.endAll();
  });
}

const startedAt = new Date();
const figures: Figure[] = [];
const failures: { step: string; error: string }[] = [];
/** What other programs took of the machine meanwhile, in percent of all cores. */
const foreignLoad: { step: string; percent: number }[] = [];
const wanted = flags.only?.split(',') ?? steps.map(({ name }) => name);
for (const step of steps.filter(({ name }) => wanted.includes(name))) {
  if (isInterrupted) break;
  await runStep(step);
}
writeReport();
process.exit(isInterrupted || failures.length > 0 ? 1 : 0);

async function runStep(step: Step): Promise<void> {
  const started = new Started();
  current = started;
  const deadlineMs = step.deadlineMs[flags.quick ? 'quick' : 'full'];
  const [beganAtMs, cpuBefore] = [performance.now(), readMachineCpu()];
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done within ${deadlineMs / 1000} s`)), deadlineMs);
  });
  try {
    const say = (line: string) => console.error(`  ${line}`);
    console.error(`${step.name} …`);
    figures.push(...(await Promise.race([step.run({ started, isQuick: flags.quick, say }), deadline])));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    failures.push({ step: step.name, error: reason });
    console.error(`  failed: ${reason}`);
  } finally {
    clearTimeout(timer);
    await started.endAll();
    noteForeignLoad(step.name, performance.now() - beganAtMs, cpuBefore);
  }
}

/** What a step started has ended by now, and so counts as its own. */
function noteForeignLoad(step: string, tookMs: number, before: ReturnType<typeof readMachineCpu>): void {
  const after = readMachineCpu();
  const foreignMs = after.busyMs - before.busyMs - (after.ownMs - before.ownMs);
  const percent = Math.max(0, Math.round((100 * foreignMs) / tookMs / cpus().length));
  foreignLoad.push({ step, percent });
  console.error(`  ${(tookMs / 1000).toFixed(1)} s; other programs took ${percent} % of the machine`);
}

function writeReport(): void {
  const machine = {
    cpu: cpus()[0]?.model,
    cores: cpus().length,
    memoryMb: Math.round(totalmem() / 1e6),
    node: process.version,
    load: readFileSync('/proc/loadavg', 'utf8').trim(),
    commit: readCommit(),
  };
  const judged = figures.map((figure) => ({ ...figure, verdict: verdictOf(figure) }));
  const report = { startedAt, quick: flags.quick, machine, figures: judged, failures, foreignLoad };
  const path = flags.output ?? `bench-results/${startedAt.toISOString().replaceAll(':', '-')}.json`;
  mkdirSync('bench-results', { recursive: true });
  writeFileSync(
    path,
    `${JSON.stringify(report, (_, value) => (value === Number.POSITIVE_INFINITY ? 'never' : value), 2)}\n`,
  );
  console.log(`\n${formatTable(figures)}`);
  for (const { step, error } of failures) console.log(`\n${step} failed: ${error}`);
  const disturbed = foreignLoad.filter(({ percent }) => percent > foreignMaxPercent);
  if (disturbed.length > 0) {
    const shares = disturbed.map(({ step, percent }) => `${step} ${percent} %`).join(', ');
    console.log(`\nOther programs were busy, so these are worse than on a quiet machine: ${shares}.`);
  }
  const count = (verdict: string) => judged.filter((figure) => figure.verdict === verdict).length;
  console.log(
    `\n${count('met')} targets met, ${count('missed')} missed, ${count('not measured')} not measured. ${path}`,
  );
}

/** @returns null where the sources are no repository */
function readCommit(): string | null {
  try {
    return execFileSync('git', ['describe', '--always', '--dirty'], { encoding: 'utf8', stdio: 'pipe' }).trim();
  } catch {
    return null;
  }
}
