import { readdir } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { AgentBench, BenchClient, eventually } from '../../helpers/agent-bench.ts';

describe('Agent, serving', () => {
  it('shows two viewers the picture at once, and the other one when one leaves', async () => {
    const bench = await AgentBench.start();
    const link = await bench.invite('view', 'many');
    const [first, second] = [new BenchClient(link), new BenchClient(link)];
    await Promise.all([first.until({ state: 'connected' }), second.until({ state: 'connected' })]);
    await Promise.all([first.seeFrames(20), second.seeFrames(20)]);
    expect(first.client.stats.firstFrameMs).toBeGreaterThan(0);
    await first.client.disconnect();
    await eventually(() => expect(bench.endedSessions).toEqual(['closed-by-peer']));
    await second.seeFrames(20);
    expect(second.statuses.at(-1)).toEqual({ state: 'connected' });
  });

  it('answers commands, and refuses those that are unknown, wrong or not for this viewer', async () => {
    const bench = await AgentBench.start();
    const { client, ...viewer } = await (async () => {
      const built = new BenchClient(await bench.invite('view'));
      await built.until({ state: 'connected' });
      return built;
    })();
    expect(viewer.statuses).toHaveLength(4);
    expect(await client.call('device.info')).toMatchObject({ name: 'Bench', version: '1.2.3' });
    expect(await client.call('camera.list')).toMatchObject({ cameras: [{ id: 'cam0' }] });
    const { commands } = (await client.call('rpc.discover')) as { commands: { name: string }[] };
    const names = commands.map(({ name }) => name);
    expect(names).not.toContain('access.list');
    // The bench has neither microphone nor loudspeaker.
    expect(names.filter((name) => /^(audio|talk)/.test(name))).toEqual([]);
    await expect(client.call('device.explode')).rejects.toMatchObject({ code: 'method-not-found' });
    await expect(client.call('camera.snapshot', { camera: 7 })).rejects.toMatchObject({ code: 'invalid-params' });
    await expect(client.call('camera.snapshot', { camera: 'cam7' })).rejects.toMatchObject({ code: 'not-found' });
    await expect(client.call('access.list')).rejects.toMatchObject({ code: 'forbidden' });
    expect(await client.call('device.ping')).toMatchObject({ nowMs: expect.any(Number) });
  });

  it('tells by name who talks, also those who come later', async () => {
    const bench = await AgentBench.start({ talk: { sink: 'file:/dev/null' } });
    const [link, told] = [await bench.invite('control', 'many'), [] as unknown[]];
    const talker = new BenchClient(link, { label: 'Anna' });
    await talker.until({ state: 'connected' });
    await talker.client.call('talk.take');
    const late = new BenchClient(link, { label: 'Bert' });
    late.client.events.on('notification', ({ method, params }) => method === 'event.talk' && told.push(params));
    await eventually(() => expect(told).toEqual([{ talker: 'Anna', mine: false }]));
    await expect(late.client.call('talk.take')).rejects.toThrow('Anna is talking.');
    await talker.client.call('talk.release');
    await eventually(() => expect(told.at(-1)).toEqual({ talker: null, mine: false }));
  });

  it('sends a snapshot over the bulk channel', async () => {
    const bench = await AgentBench.start();
    const viewer = new BenchClient(await bench.invite());
    await viewer.until({ state: 'connected' });
    const { data, bulk } = (await viewer.client.call('camera.snapshot')) as {
      data: Uint8Array;
      bulk: { sizeBytes: number; mediaType: string };
    };
    expect(bulk).toMatchObject({ mediaType: 'image/jpeg', sizeBytes: data.length });
    // Start and end of image (ITU-T T.81 B.1.1.3).
    expect([...data.subarray(0, 2), ...data.subarray(-2)]).toEqual([0xff, 0xd8, 0xff, 0xd9]);
  });

  it('takes commands without a picture, and runs no camera for them', async () => {
    const bench = await AgentBench.start();
    const viewer = new BenchClient(await bench.invite(), { cameras: [] });
    await viewer.until({ state: 'connected' });
    expect(await viewer.client.call('camera.list')).toMatchObject({ cameras: [{ state: 'idle' }] });
  });
});

describe('Agent, deciding who comes in', () => {
  it('refuses whoever has no invite, a used one, or wants what is not there', async () => {
    const bench = await AgentBench.start();
    const link = await bench.invite();
    const first = new BenchClient(link, { cameras: [] });
    await first.until({ state: 'connected' });
    await new BenchClient(link).until({ state: 'failed', error: 'invite-invalid' });
    await new BenchClient(link.replace(/&t=[^&]*/, '')).until({ state: 'failed', error: 'unauthorised' });
    await new BenchClient(link, { keys: first.keys, cameras: ['cam7'] }).until({ state: 'failed', error: 'no-camera' });
    expect(first.client.status).toEqual({ state: 'connected' });
  });

  it('lets a paired viewer come back without its invite', async () => {
    const bench = await AgentBench.start();
    const link = await bench.invite();
    const first = new BenchClient(link, { cameras: [] });
    await first.until({ state: 'connected' });
    await first.client.disconnect();
    const second = new BenchClient(link.replace(/&t=[^&]*/, ''), { keys: first.keys, cameras: [] });
    await second.until({ state: 'connected' });
  });

  it('throws a revoked viewer out within a second, for good, and nobody else', async () => {
    const bench = await AgentBench.start();
    const link = await bench.invite('view', 'many');
    const [first, second] = [new BenchClient(link, { cameras: [] }), new BenchClient(link, { cameras: [] })];
    await Promise.all([first.until({ state: 'connected' }), second.until({ state: 'connected' })]);
    await bench.call('access.revoke', { viewer: first.viewerId });
    await first.until({ state: 'failed', error: 'revoked' }, 1_000);
    await new BenchClient(link.replace(/&t=[^&]*/, ''), { keys: first.keys }).until({
      state: 'failed',
      error: 'unauthorised',
    });
    expect(second.client.status).toEqual({ state: 'connected' });
  });

  it('is busy when all sessions are taken, and takes the next when one is free', async () => {
    const bench = await AgentBench.start({ limits: { sessions: 1 } });
    const link = await bench.invite('view', 'many');
    const first = new BenchClient(link, { cameras: [] });
    await first.until({ state: 'connected' });
    const second = new BenchClient(link, { cameras: [] });
    await second.until({ state: 'waiting', error: 'busy' });
    await first.client.disconnect();
    await second.until({ state: 'connected' });
  });
});

describe('Agent, in trouble', () => {
  it('goes on showing the picture while the broker is away, and takes viewers when it is back', async () => {
    const bench = await AgentBench.start();
    const link = await bench.invite('view', 'many');
    const viewer = new BenchClient(link);
    await viewer.until({ state: 'connected' });
    await viewer.seeFrames(10);
    await bench.stopBroker();
    await viewer.seeFrames(30);
    expect(await viewer.client.call('device.ping')).toBeDefined();
    await bench.restartBroker();
    const late = new BenchClient(link, { cameras: [] });
    await late.until({ state: 'connected' }, 10_000);
    await viewer.seeFrames(10);
    expect(viewer.statuses.filter(({ state }) => state === 'connected')).toHaveLength(1);
  });

  it('says goodbye when it stops, and leaves no file behind it did not keep before', async () => {
    const bench = await AgentBench.start();
    const viewer = new BenchClient(await bench.invite());
    await viewer.until({ state: 'connected' });
    await viewer.seeFrames(5);
    const startedAtMs = performance.now();
    await bench.agent.stop();
    expect(performance.now() - startedAtMs).toBeLessThan(3_000);
    await eventually(() => expect(viewer.statuses).toContainEqual({ state: 'reconnecting', error: 'shutdown' }));
    await viewer.until({ state: 'reconnecting', error: 'device-offline' });
    expect(await readdir(bench.config.runtimeDir)).toEqual([]);
    expect(bench.logger.events.filter(({ level }) => level === 'error')).toEqual([]);
  });

  it('refuses to run twice on one state, and does not disturb the one that runs', async () => {
    const bench = await AgentBench.start();
    const second = bench.buildAgent();
    await expect(second.start()).rejects.toMatchObject({ code: 'already-running' });
    await second.stop();
    const viewer = new BenchClient(await bench.invite(), { cameras: [] });
    await viewer.until({ state: 'connected' });
    expect(await bench.call('access.list')).toMatchObject({ grants: [{ viewerId: viewer.viewerId }] });
  });

  it('stops although it is still starting', async () => {
    const bench = await AgentBench.start();
    await bench.agent.stop();
    const second = bench.buildAgent();
    const starting = second.start();
    await second.stop();
    await starting;
    expect(await readdir(bench.config.runtimeDir)).toEqual([]);
    await expect(bench.call('device.ping')).rejects.toMatchObject({ code: 'not-running' });
  });

  it('names a certificate that cannot be read', async () => {
    const bench = await AgentBench.start();
    await bench.agent.stop();
    bench.config.broker.caFile = '/nowhere/ca.pem';
    const second = bench.buildAgent();
    await expect(second.start()).rejects.toMatchObject({ code: 'ca-unreadable' });
    await second.stop();
    expect(await readdir(bench.config.runtimeDir)).toEqual([]);
  });
});
