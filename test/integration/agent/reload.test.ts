import { describe, expect, it } from 'vitest';
import { parseLink } from '../../../protocol/link.ts';
import { AgentBench, BenchClient, eventually } from '../../helpers/agent-bench.ts';

describe('Agent, given another configuration while it runs', () => {
  it('applies it to the next session and the next link, and disturbs nobody who is connected', async () => {
    const bench = await AgentBench.start({ limits: { sessions: 1 } });
    const link = await bench.invite('view', 'many');
    const first = new BenchClient(link, { cameras: [] });
    await first.until({ state: 'connected' });
    const second = new BenchClient(link, { cameras: [] });
    await second.until({ state: 'waiting', error: 'busy' });
    await eventually(() => expect(bench.agent.statusLine).toBe('Online, 1 viewer'));

    bench.savedConfig = { ...bench.config, name: 'Stable', limits: { ...bench.config.limits, sessions: 2 } };
    expect(await bench.call('device.reload')).toEqual({ applied: ['name', 'limits.sessions'], waiting: [] });
    await second.until({ state: 'connected' });
    await eventually(() => expect(bench.agent.statusLine).toBe('Online, 2 viewers'));
    expect(await first.client.call('device.info')).toMatchObject({ name: 'Stable' });
    expect(parseLink(await bench.invite())).toMatchObject({ ok: true, value: { name: 'Stable' } });
    expect(first.statuses.filter(({ state }) => state === 'connected')).toHaveLength(1);
  });

  it('says what takes a restart, and goes on as before there', async () => {
    const bench = await AgentBench.start();
    bench.savedConfig = { ...bench.config, broker: { ...bench.config.broker, url: 'mqtt://127.0.0.1:1' } };
    expect(await bench.call('device.reload')).toEqual({ applied: [], waiting: ['broker.url'] });
    const told = bench.logger.events.filter(({ fields }) => 'setting' in fields);
    expect(told).toMatchObject([{ level: 'warn', fields: { setting: 'broker.url' } }]);
    expect(bench.agent.checks.map((check) => check.problem())).toEqual([null, null]);
    await new BenchClient(await bench.invite(), { cameras: [] }).until({ state: 'connected' });
  });

  it('tells whoever asks for it what is wrong with the configuration, and changes nothing', async () => {
    const bench = await AgentBench.start();
    bench.savedConfig = null;
    await expect(bench.call('device.reload')).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('naem'),
    });
    expect(bench.logger.events.at(-1)).toMatchObject({ level: 'error', message: expect.stringContaining('nothing') });
    expect(await bench.call('device.status')).toMatchObject({ name: 'Bench' });
  });
});
