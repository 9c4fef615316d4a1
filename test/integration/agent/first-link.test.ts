import { describe, expect, it } from 'vitest';
import { AgentBench, BenchClient } from '../../helpers/agent-bench.ts';

describe('Agent, when nobody is paired', () => {
  it('makes one link for the first viewer, and none while that is open or somebody has come by it', async () => {
    const { agent } = await AgentBench.start();
    const options = { role: 'control', uses: 1, ttlMs: 60_000 } as const;
    const first = await agent.createFirstLink(options);
    expect(await agent.createFirstLink(options)).toBeNull();
    const viewer = new BenchClient(first?.link ?? '', { cameras: [] });
    await viewer.until({ state: 'connected' });
    expect(await agent.createFirstLink(options)).toBeNull();
  });
});
