import { describe, expect, it, onTestFinished } from 'vitest';
import { AgentBench, BenchClient } from '../../helpers/agent-bench.ts';

const options = { role: 'control', uses: 1, ttlMs: 60_000, label: 'First viewer' } as const;

describe('Agent, when nobody is paired', () => {
  it('makes a link for the first viewer, and none once somebody has come by it', async () => {
    const { agent } = await AgentBench.start();
    const first = await agent.createFirstLink(options);
    const viewer = new BenchClient(first?.link ?? '', { cameras: [] });
    await viewer.until({ state: 'connected' });
    expect(await agent.createFirstLink(options)).toBeNull();
  });

  it('replaces, at its next start, a link that nobody has followed: with the addresses of then', async () => {
    const bench = await AgentBench.start({ links: { pageUrl: 'https://old.example/' } });
    const before = await bench.agent.createFirstLink(options);
    await bench.agent.stop();
    bench.config.links.pageUrl = 'https://new.example/';
    const restarted = bench.buildAgent();
    onTestFinished(() => restarted.stop());
    await restarted.start();
    const after = await restarted.createFirstLink(options);
    expect([before?.link, after?.link]).toEqual([
      expect.stringMatching(/^https:\/\/old\.example\/#\/pair/),
      expect.stringMatching(/^https:\/\/new\.example\/#\/pair/),
    ]);
    expect(await bench.call('access.list')).toMatchObject({ invites: [{ id: after?.id }] });
  });

  it('makes none beside an invite of the owner, which stays', async () => {
    const bench = await AgentBench.start();
    await bench.invite();
    expect(await bench.agent.createFirstLink(options)).toBeNull();
    expect(await bench.call('access.list')).toMatchObject({ invites: [expect.anything()] });
  });
});
