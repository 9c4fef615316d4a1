import { beforeAll, describe, expect, test } from 'vitest';
import type { User } from '../../../broker/broker-access.ts';
import { hashPassword } from '../../../broker/password-hash.ts';
import { limits } from '../../../protocol/limits.ts';
import {
  closeOf,
  connectAgent,
  connectClient,
  deviceId,
  eventually,
  otherDeviceId,
  recordMessages,
  sid,
  startBroker,
  topics,
  transports,
} from './broker-under-test.ts';

const users: User[] = [];
const admin = { username: 'admin', password: 'let me in' };

beforeAll(async () => {
  const passwordHash = await hashPassword(admin.password);
  users.push({ name: 'admin', passwordHash, publish: ['#'], subscribe: ['#', '$SYS/#'] });
  users.push({ name: 'reader', passwordHash, publish: [], subscribe: ['porthole/1/+/status'] });
});

describe.each(transports)('an anonymous viewer over %s', (transport) => {
  test('gets the retained status and the answers, and is heard by the device', async () => {
    const running = await startBroker();
    const agent = await connectAgent(running);
    const heard = recordMessages(agent);
    await agent.subscribeAsync(topics.inFilter, { qos: 1 });
    await agent.publishAsync(topics.status, 'online', { qos: 1, retain: true });

    const viewer = await connectClient(running, transport);
    const seen = recordMessages(viewer);
    await viewer.subscribeAsync([topics.status, topics.out], { qos: 1 });
    await viewer.publishAsync(topics.in, 'hello', { qos: 1 });
    await eventually(() => expect(heard).toEqual([`${topics.in} hello`]));
    await agent.publishAsync(topics.out, 'offer', { qos: 1 });

    await eventually(() => expect(seen).toEqual([`${topics.status} online (retained)`, `${topics.out} offer`]));
  });

  test.each([
    ['everything', '#'],
    ['everything of the prefix', 'porthole/#'],
    ['the status of all devices', 'porthole/1/+/status'],
    ['what viewers send', topics.inFilter],
    ['the inside of the broker', '$SYS/#'],
  ])('may not subscribe to %s', async (_what, filter) => {
    const running = await startBroker();
    const viewer = await connectClient(running, transport);
    const seen = recordMessages(viewer);
    await expect(viewer.subscribeAsync(filter, { qos: 1 })).rejects.toThrow();
    await viewer.subscribeAsync(topics.out, { qos: 1 });

    const agent = await connectAgent(running);
    await agent.publishAsync(topics.status, 'online', { qos: 1, retain: true });
    await viewer.publishAsync(topics.in, 'hello', { qos: 1 });
    await agent.publishAsync(topics.out, 'last', { qos: 1 });

    await eventually(() => expect(seen).toEqual([`${topics.out} last`]));
    expect(viewer.connected).toBe(true);
  });

  test.each([
    ['a status', topics.status, {}],
    ['an answer of the device', topics.out, {}],
    ['a retained message', topics.in, { retain: true }],
    ['QoS 2', topics.in, { qos: 2 }],
    ['a topic of its own', 'mine', {}],
  ] as const)('is disconnected when it publishes %s, and nobody receives that', async (_what, topic, options) => {
    const running = await startBroker({ users });
    const watcher = await connectClient(running, 'tcp', admin);
    const seen = recordMessages(watcher);
    await watcher.subscribeAsync('#', { qos: 1 });

    const viewer = await connectClient(running, transport);
    const closed = closeOf(viewer);
    viewer.publish(topic, 'forged', { qos: 1, ...options });
    await closed;
    await watcher.publishAsync('sentinel', 'last', { qos: 1 });

    await eventually(() => expect(seen).toEqual(['sentinel last']));
    expect(running.broker.incidentCount('publish-refused')).toBe(1);
  });
});

test('a viewer may send a whole signaling message and not a byte more', async () => {
  const running = await startBroker();
  const agent = await connectAgent(running);
  const sizes: number[] = [];
  agent.on('message', (_topic, payload) => sizes.push(payload.length));
  await agent.subscribeAsync(topics.inFilter, { qos: 1 });
  const viewer = await connectClient(running, 'ws');
  const longest = limits.signalingMessageMaxBytes;
  await viewer.publishAsync(topics.in, Buffer.alloc(longest), { qos: 1 });
  const closed = closeOf(viewer);
  viewer.publish(topics.in, Buffer.alloc(longest + 1), { qos: 1 });
  await closed;
  expect(sizes).toEqual([longest]);
});

test('a viewer is told of the death of the device by its last will', async () => {
  const running = await startBroker();
  const will = { topic: topics.status, payload: Buffer.from('offline'), qos: 1, retain: true } as const;
  const agent = await connectAgent(running, { will });
  await agent.publishAsync(topics.status, 'online', { qos: 1, retain: true });
  const viewer = await connectClient(running, 'ws');
  const seen = recordMessages(viewer);
  await viewer.subscribeAsync(topics.status, { qos: 1 });

  agent.stream.destroy();
  await eventually(() => expect(seen.at(-1)).toBe(`${topics.status} offline`));

  const late = await connectClient(running, 'ws');
  const seenLate = recordMessages(late);
  await late.subscribeAsync(topics.status, { qos: 1 });
  await eventually(() => expect(seenLate).toEqual([`${topics.status} offline (retained)`]));
});

test('a device that says goodbye leaves no last will', async () => {
  const running = await startBroker({ users });
  const watcher = await connectClient(running, 'tcp', admin);
  const seen = recordMessages(watcher);
  await watcher.subscribeAsync('#', { qos: 1 });
  const agent = await connectAgent(running, {
    will: { topic: topics.status, payload: Buffer.from('offline'), qos: 1 },
  });
  await agent.endAsync();
  await eventually(() => expect(running.broker.clientCount).toBe(1));
  await watcher.publishAsync('sentinel', 'last', { qos: 1 });
  await eventually(() => expect(seen).toEqual(['sentinel last']));
});

test.each([
  ['a viewer', {}, topics.status],
  ['a viewer with a retained one', {}, topics.in, true],
  ['a reader', { username: 'reader', password: 'let me in' }, topics.status],
  ['the device of another one', { username: 'agent', password: 'made at start' }, `porthole/1/${otherDeviceId}/status`],
])('%s is not let in with a last will beyond its rights', async (_who, credentials, topic, retain = false) => {
  const running = await startBroker({ users });
  const will = { topic, payload: Buffer.from('forged'), qos: 0, retain } as const;
  await expect(connectClient(running, 'tcp', { ...credentials, will })).rejects.toMatchObject({ code: 5 });
});

test('the device hears and speaks for itself only', async () => {
  const running = await startBroker();
  const agent = await connectAgent(running);
  await expect(agent.subscribeAsync(`porthole/1/${otherDeviceId}/in/+`)).rejects.toThrow();
  await expect(agent.subscribeAsync('#')).rejects.toThrow();
  const closed = closeOf(agent);
  agent.publish(`porthole/1/${otherDeviceId}/out/${sid}`, 'forged');
  await closed;
});

describe.each(transports)('a login over %s', (transport) => {
  test.each([
    ['a wrong password', 'admin', 'let me out'],
    ['a wrong password of the agent', 'agent', 'guess'],
    ['an unknown name', 'nobody', 'let me in'],
  ])('with %s is refused with the return code for that', async (_what, username, password) => {
    const running = await startBroker({ users });
    await expect(connectClient(running, transport, { username, password })).rejects.toMatchObject({ code: 4 });
    expect(running.broker.incidentCount('login-refused')).toBe(1);
    await eventually(() => expect(running.broker.clientCount).toBe(0));
  });

  test('of an admin with # shows every payload, and $SYS only where it is granted', async () => {
    const running = await startBroker({ users });
    const watcher = await connectClient(running, transport, admin);
    const seen = recordMessages(watcher);
    await watcher.subscribeAsync('#', { qos: 1 });
    const agent = await connectAgent(running);
    await agent.publishAsync(topics.out, 'sealed', { qos: 1 });
    await eventually(() => expect(seen).toEqual([`${topics.out} sealed`]));

    await watcher.subscribeAsync('$SYS/#');
    await connectClient(running);
    await eventually(() => expect(seen.some((message) => message.startsWith('$SYS/'))).toBe(true));
  });
});

test('a reader gets what is granted and no more', async () => {
  const running = await startBroker({ users });
  const reader = await connectClient(running, 'tcp', { username: 'reader', password: 'let me in' });
  await reader.subscribeAsync('porthole/1/+/status');
  await expect(reader.subscribeAsync(topics.outFilter)).rejects.toThrow();
  const closed = closeOf(reader);
  reader.publish(topics.in, 'hello');
  await closed;
});

test('nobody is thrown out by a stranger who takes the same client id', async () => {
  const running = await startBroker({ users });
  const agent = await connectAgent(running, { clientId: 'same' });
  const first = await connectClient(running, 'ws', { clientId: 'same' });
  const second = await connectClient(running, 'ws', { clientId: 'same' });
  await connectClient(running, 'tcp', { clientId: 'same', ...admin });
  await second.publishAsync(topics.in, 'hello', { qos: 1 });
  expect([agent.connected, first.connected, second.connected]).toEqual([true, true, true]);
});

test('an agent that comes back replaces its half-open self', async () => {
  const running = await startBroker();
  const old = await connectAgent(running, { clientId: 'device' });
  const closed = closeOf(old);
  const agent = await connectAgent(running, { clientId: 'device' });
  await closed;
  await agent.publishAsync(topics.status, 'online', { qos: 1 });
  await eventually(() => expect(running.broker.clientCount).toBe(1));
});

test('nothing is kept for a client that asks for a lasting session and leaves', async () => {
  const running = await startBroker();
  const options = { clean: false, clientId: 'lasting' };
  const agent = await connectAgent(running, options);
  await agent.subscribeAsync(topics.inFilter, { qos: 1 });
  await agent.endAsync();
  const viewer = await connectClient(running);
  await viewer.publishAsync(topics.in, 'missed', { qos: 1 });

  const again = await connectAgent(running, options);
  const heard = recordMessages(again);
  await again.subscribeAsync(topics.inFilter, { qos: 1 });
  await viewer.publishAsync(topics.in, 'fresh', { qos: 1 });
  await eventually(() => expect(heard).toEqual([`${topics.in} fresh`]));
});

test('a prefix of its own is used throughout', async () => {
  const running = await startBroker({ topicPrefix: 'site/lab' });
  const viewer = await connectClient(running);
  await viewer.subscribeAsync(`site/lab/1/${deviceId}/status`);
  await expect(viewer.subscribeAsync(topics.status)).rejects.toThrow();
});
