import { readFile } from 'node:fs/promises';
import type { IClientOptions } from 'mqtt';
import { afterAll, beforeAll, expect, it, onTestFinished } from 'vitest';
import { limits } from '../../protocol/limits.ts';
import { buildDeviceTopics } from '../../protocol/topics.ts';
import { BenchClient, eventually } from './agent-bench.ts';
import { type Account, DeployClient } from './deploy-client.ts';
import { DeployedDevice } from './deploy-device.ts';
import { trustAuthority } from './deploy-trust.ts';
import { startSignaling } from './signaling-bench.ts';
import { TcpProxy } from './tcp-proxy.ts';

/** A broker of others that runs with the shipped files. */
export interface DeployedBroker {
  /** Port on the loopback where agents connect: MQTT over TLS. */
  agentPort: number;
  /** Port on the loopback where browsers connect: MQTT over WebSocket over TLS. */
  viewerPort: number;
  /** Authority that its certificate is from. */
  caFile: string;
  /** Makes an account as the guide says. @returns its password */
  addAccount(name: string): Promise<string>;
  /** Ends it and starts it again, with the state that it keeps. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

type Way = 'agent' | 'viewer';
type AccountName = 'device' | 'one' | 'two' | 'viewer';

const sid = 'A'.repeat(22);
/** Two devices that tests speak for, beside the real one. */
const ids = { one: '1'.repeat(32), two: '2'.repeat(32) };
const one = buildDeviceTopics('porthole', ids.one);
const two = buildDeviceTopics('porthole', ids.two);
const everything = ['#', '+/#', 'porthole/#', 'porthole/1/+/+', 'porthole/1/+/+/+'];

/**
 * What Porthole needs of a broker, and what it must refuse, proved through TLS with a real agent and real viewers.
 *
 * @param options.passesAnySize for a broker that has no limit of message sizes, as its guide must say
 */
export function describeDeployedBroker(
  start: () => Promise<DeployedBroker>,
  options: { passesAnySize?: boolean } = {},
): void {
  let broker: DeployedBroker;
  let ca: string;
  let device: DeployedDevice;
  let accounts: Record<AccountName, Required<Account>>;
  let distrust: () => void;

  const urlOf = (way: Way, port = way === 'agent' ? broker.agentPort : broker.viewerPort) =>
    way === 'agent' ? `mqtts://localhost:${port}` : `wss://localhost:${port}/mqtt`;
  const connect = (way: Way, account: Account, options?: IClientOptions) =>
    DeployClient.connect({ url: urlOf(way), ca }, account, options);
  const connectAs = (name: AccountName) => connect(name === 'viewer' ? 'viewer' : 'agent', accounts[name]);

  const settings = (account: Required<Account>) => ({
    broker: { url: urlOf('agent'), caFile: broker.caFile, ...account },
    links: { brokerUrl: `wss://viewer:${accounts.viewer.password}@localhost:${broker.viewerPort}/mqtt` },
  });

  beforeAll(async () => {
    device = await DeployedDevice.create();
    broker = await start();
    ca = await readFile(broker.caFile, 'utf8');
    distrust = trustAuthority(ca);
    const account = async (username: string) => ({ username, password: await broker.addAccount(username) });
    accounts = {
      device: await account(device.id),
      one: await account(ids.one),
      two: await account(ids.two),
      viewer: await account('viewer'),
    };
    await device.start(settings(accounts.device));
    await device.untilOnline();
  }, 90_000);

  afterAll(async () => {
    await device?.stop();
    await broker?.stop();
    distrust?.();
  }, 60_000);

  it('brings agent and viewer together, up to the picture', async () => {
    const viewer = new BenchClient(await device.invite());
    await viewer.until({ state: 'connected' }, 10_000);
    await viewer.seeFrames(5);
  });

  it('keeps the status for viewers who come later', async () => {
    const { status } = buildDeviceTopics('porthole', device.id);
    const viewer = await (await connectAs('viewer')).listen(status);
    await eventually(() => expect(viewer.heard).toContainEqual(expect.objectContaining({ retain: true })));
    expect(JSON.parse(viewer.texts[0] ?? '')).toMatchObject({ online: true, v: 1 });
  });

  it('passes the largest message there is, in both directions', async () => {
    const deviceOne = await (await connectAs('one')).listen(one.inFilter);
    const viewer = await (await connectAs('viewer')).listen(one.out(sid));
    const largest = 'x'.repeat(limits.signalingMessageMaxBytes);
    await viewer.say(one.in(sid), largest);
    await deviceOne.say(one.out(sid), largest);
    await eventually(() => expect([deviceOne.texts, viewer.texts]).toEqual([[largest], [largest]]));
  });

  it('gives viewers the last will when a device goes without a word', async () => {
    const proxy = new TcpProxy(broker.agentPort);
    onTestFinished(() => proxy.stop());
    const url = urlOf('agent', await proxy.start());
    const will = { topic: one.status, payload: Buffer.from('gone'), qos: 1, retain: true } as const;
    await DeployClient.connect({ url, ca }, accounts.one, { will });
    const viewer = await (await connectAs('viewer')).listen(one.status);
    proxy.cut();
    await eventually(() => expect(viewer.texts).toContain('gone'));
  });

  it('lets nobody in without an account, by either way', async () => {
    await expect(connect('agent', {})).rejects.toThrow();
    await expect(connect('viewer', {})).rejects.toThrow();
    await expect(connect('viewer', { username: 'viewer', password: 'wrong' })).rejects.toThrow();
    await expect(connect('agent', { username: ids.one, password: accounts.two.password })).rejects.toThrow();
  });

  it.each([
    ['a device', 'two', two.inFilter, [one.status, one.inFilter, one.out('+'), two.out('+'), ...everything]],
    ['a viewer', 'viewer', two.out(sid), [one.inFilter, one.in(sid), two.inFilter, ...everything]],
  ] as const)('lets %s hear nothing that is not for it', async (_, name, ownFilter, filters) => {
    const own = ownFilter.replace('+', sid);
    const deviceOne = await (await connectAs('one')).listen(one.inFilter);
    const deviceTwo = await connectAs('two');
    const viewer = await (await connectAs('viewer')).listen(one.status, one.out(sid));
    const spies = await Promise.all(
      filters.map(async (filter) => {
        const spy = await (await connectAs(name)).listen(ownFilter);
        await spy.tryToListen(filter);
        return spy;
      }),
    );
    await viewer.say(one.in(sid), 'for one');
    await deviceOne.say(one.out(sid), 'of one');
    await deviceOne.say(one.status, 'here');
    await eventually(() => {
      expect(deviceOne.texts).toContain('for one');
      expect(viewer.texts).toEqual(expect.arrayContaining(['of one', 'here']));
    });
    // A message of their own, sent after those, shows that those would have reached them.
    await (name === 'viewer' ? deviceTwo : viewer).say(own, 'the last');
    await Promise.all(spies.map((spy) => spy.untilHeardOrClosed('the last')));
    // What devices send out is sealed for one viewer each, so that the account of viewers may hear it.
    const isAllowed = (topic: string) => topic === own || (name === 'viewer' && /\/(status|out\/[^/]+)$/.test(topic));
    expect(spies.flatMap((spy) => spy.heard).filter(({ topic }) => !isAllowed(topic))).toEqual([]);
  });

  it.each([
    ['a device', 'two', [one.status, one.out(sid), one.in(sid), two.in(sid), 'elsewhere']],
    ['a viewer', 'viewer', [one.status, one.out(sid), 'porthole/1/viewer/x', 'elsewhere']],
  ] as const)('lets %s say nothing in the name of others', async (_, name, topics) => {
    const [deviceOne, viewer] = await Promise.all([connectAs('one'), connectAs('viewer')]);
    await Promise.all([deviceOne.listen(one.inFilter), viewer.listen(one.status, one.out(sid))]);
    for (const topic of topics) {
      const forger = await connectAs(name);
      await forger.tryToSay(topic, 'forged', topic === one.status);
    }
    await Promise.all([viewer.say(one.in(sid), 'the last'), deviceOne.say(one.out(sid), 'the last')]);
    await Promise.all([deviceOne, viewer].map((client) => client.untilHeardOrClosed('the last')));
    expect([...deviceOne.texts, ...viewer.texts]).not.toContain('forged');
    expect([deviceOne, viewer].every((client) => client.mqtt.connected)).toBe(true);
  });

  it.skipIf(options.passesAnySize)('passes on nothing that would make an agent hang up', async () => {
    const deviceOne = await (await connectAs('one')).listen(one.inFilter);
    const tooLarge = 'x'.repeat(limits.brokerPacketMaxBytes + 1);
    await (await connectAs('viewer')).tryToSay(one.in(sid), tooLarge);
    await (await connectAs('viewer')).say(one.in(sid), 'the last');
    await deviceOne.untilHeardOrClosed('the last');
    // Not the texts: a failure would print them.
    expect(deviceOne.heard).toHaveLength(1);
  });

  it('calls a device online that came back before its old connection was given up', async () => {
    const proxy = new TcpProxy(broker.agentPort);
    onTestFinished(() => proxy.stop());
    const signalingAt = (url: string) =>
      startSignaling(url, { broker: { url, ca, ...accounts.two }, topics: two, backoff: () => 60_000 }).signaling;
    const lost = signalingAt(urlOf('agent', await proxy.start()));
    await eventually(() => expect(lost.isOnline).toBe(true));
    const viewer = await (await connectAs('viewer')).listen(two.status, two.out(sid));
    proxy.freeze();
    const back = signalingAt(urlOf('agent'));
    await eventually(() => expect(back.isOnline).toBe(true));
    proxy.cut();
    await eventually(() => expect(lost.isOnline).toBe(false));
    back.send(sid, Buffer.from('the last'), 'at-least-once');
    await viewer.untilHeardOrClosed('the last');
    const statuses = viewer.heard.filter(({ topic }) => topic === two.status);
    expect(statuses.at(-1)?.text).toContain('"online":true');
  });

  it('lets the agent say that its password is wrong', async () => {
    const mistaken = await DeployedDevice.create();
    onTestFinished(() => mistaken.stop());
    await mistaken.start(settings({ ...accounts.device, password: 'wrong' }));
    await eventually(() => expect(mistaken.brokerTroubles[0]).toMatch(/password/));
  });

  it('is found again by agent and viewer after a restart, while the picture goes on', async () => {
    const watching = new BenchClient(await device.invite());
    const link = await device.invite();
    await watching.until({ state: 'connected' }, 10_000);
    await broker.restart();
    await watching.seeFrames(5);
    await device.untilOnline();
    const later = new BenchClient(link);
    await later.until({ state: 'connected' }, 10_000);
    await later.seeFrames(5);
    expect(watching.statuses.map(({ state }) => state)).not.toContain('reconnecting');
  }, 60_000);
}
