import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it, vi } from 'vitest';
import { AgentBench, BenchClient } from '../../helpers/agent-bench.ts';

/** The ffmpeg processes that this one has started. */
function ffmpegPids(): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      const stat = readStat(pid);
      return stat?.command === 'ffmpeg' && stat.parent === process.pid;
    });
}

function readStat(pid: number): { command: string; parent: number; cpuTicks: number } | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const command = stat.slice(stat.indexOf('(') + 1, stat.lastIndexOf(')'));
    return { command, parent: Number(fields[1]), cpuTicks: Number(fields[11]) + Number(fields[12]) };
  } catch {
    return null;
  }
}

/** CPU seconds (of 100 ticks) that ffmpeg takes for 100 frames, so that a busy machine does not count. */
async function ffmpegCostOf(viewer: BenchClient): Promise<{ pids: number[]; ticks: number }> {
  const framesOf = () => viewer.client.stats.framesDecoded;
  const pids = ffmpegPids();
  const ticks = () => pids.reduce((sum, pid) => sum + (readStat(pid)?.cpuTicks ?? 0), 0);
  const [fromFrames, fromTicks] = [framesOf(), ticks()];
  await vi.waitFor(() => expect(framesOf() - fromFrames).toBeGreaterThanOrEqual(120), 20_000);
  return { pids, ticks: (100 * (ticks() - fromTicks)) / (framesOf() - fromFrames) };
}

describe('the encoder', () => {
  it('is one, and works as much for ten viewers as for one', async () => {
    const bench = await AgentBench.start({ limits: { sessions: 12 } });
    const link = await bench.invite('view', 'many');
    const first = new BenchClient(link);
    await vi.waitFor(() => expect(first.client.stats.framesPerSecond).toBeGreaterThan(20), 15_000);
    const alone = await ffmpegCostOf(first);
    const others = Array.from({ length: 9 }, () => new BenchClient(link));
    await vi.waitFor(() => {
      for (const { client } of others) expect(client.stats.framesPerSecond).toBeGreaterThan(15);
    }, 20_000);
    const crowded = await ffmpegCostOf(first);
    console.log(
      `ffmpeg for 100 frames: ${alone.ticks.toFixed(0)} ticks with 1 viewer, ${crowded.ticks.toFixed(0)} with 10; ${crowded.pids.length} process`,
    );
    expect(alone.pids).toHaveLength(1);
    expect(crowded.pids).toEqual(alone.pids);
    expect(crowded.ticks / alone.ticks).toBeLessThan(1.4);
  });
});
