import { describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { hashPassword } from '../../../broker/password-hash.ts';
import {
  closeOf,
  connackBytes,
  connectAgent,
  connectClient,
  connectRaw,
  connectRawTcp,
  deviceId,
  encodeConnect,
  encodeSubscribe,
  eventually,
  recordMessages,
  startBroker,
  subackBytes,
  topics,
  transports,
} from './broker-under-test.ts';

/** A PUBLISH that announces one byte more than is allowed. */
const oversizeHeader = Buffer.from([0x30, 0x81, 0x80, 0x04]);

describe.each(transports)('over %s', (transport) => {
  test('a packet over the size ends the connection at its header', async () => {
    const running = await startBroker();
    const raw = await connectRaw(running, transport);
    raw.send(encodeConnect());
    await eventually(() => expect(raw.received).toEqual(connackBytes));
    for (const byte of oversizeHeader) raw.send(Buffer.of(byte));
    await eventually(() => expect(raw.isClosed()).toBe(true));
    expect(running.broker.incidentCount('oversize')).toBe(1);
  });

  test('an oversize CONNECT ends the connection as well', async () => {
    const running = await startBroker();
    const raw = await connectRaw(running, transport);
    raw.send(Buffer.from([0x10, 0xff, 0xff, 0xff, 0x7f]));
    await eventually(() => expect(raw.isClosed()).toBe(true));
    expect(running.broker.incidentCount('oversize')).toBe(1);
  });

  test.each([
    ['that is no MQTT', Buffer.from('GET / HTTP/1.1\r\n\r\n')],
    ['with a length that never ends', Buffer.from([0x10, 0xff, 0xff, 0xff, 0xff, 0x01])],
    ['other than CONNECT', encodeSubscribe(topics.status)],
    [
      'that announces a longer client id than it has',
      Buffer.from([0x10, 12, 0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, 0, 9, 9, 9]),
    ],
  ])('a first packet %s ends the connection and nothing else', async (_what, bytes) => {
    const running = await startBroker({ limits: { connectTimeoutMs: 300 } });
    const viewer = await connectClient(running, transport);
    const raw = await connectRaw(running, transport);
    raw.send(bytes);
    await eventually(() => expect(raw.isClosed()).toBe(true));
    await viewer.publishAsync(topics.in, 'still here', { qos: 1 });
    await eventually(() => expect(running.broker.clientCount).toBe(1));
  });

  test('a client that never says CONNECT, or never to its end, is disconnected', async () => {
    const running = await startBroker({ limits: { connectTimeoutMs: 100 } });
    const silent = await connectRaw(running, transport);
    const slow = await connectRaw(running, transport);
    slow.send(encodeConnect().subarray(0, 9));
    await eventually(() => expect([silent.isClosed(), slow.isClosed()]).toEqual([true, true]));
    await eventually(() => expect(running.broker.clientCount).toBe(0));
  });

  test('silence of one and a half keepalives ends the connection, also where the client asked for none', async () => {
    const running = await startBroker({ limits: { keepaliveMaxSeconds: 0.1 } });
    const raw = await connectRaw(running, transport);
    raw.send(encodeConnect(0));
    await eventually(() => expect(raw.received).toEqual(connackBytes));
    await eventually(() => expect(raw.isClosed()).toBe(true));
  });

  test('messages over the rate are dropped and the client stays', async () => {
    const running = await startBroker({ limits: { anonymousPacketsPerSecond: 4 } });
    const agent = await connectAgent(running);
    const heard = recordMessages(agent);
    await agent.subscribeAsync(topics.inFilter);
    const viewer = await connectClient(running, transport);
    // The CONNECT took the first of 5 seconds' worth.
    for (let message = 0; message < 40; message += 1) viewer.publish(topics.in, `${message}`);
    await eventually(() => expect(heard.length + running.broker.incidentCount('dropped')).toBe(40));
    expect(running.broker.incidentCount('dropped')).toBeGreaterThan(0);
    expect(heard.slice(0, 19)).toEqual(Array.from({ length: 19 }, (_, message) => `${topics.in} ${message}`));
    expect(viewer.connected).toBe(true);
  });

  test('a flood ends the connection of the one who makes it', async () => {
    const running = await startBroker();
    const neighbour = await connectClient(running, transport);
    const viewer = await connectClient(running, transport);
    const closed = closeOf(viewer);
    for (let message = 0; message < 2_000; message += 1) viewer.publish(topics.in, 'x');
    await closed;
    expect(running.broker.incidentCount('flood')).toBe(1);
    await neighbour.publishAsync(topics.in, 'still here', { qos: 1 });
  });

  test('a client that never reads is disconnected and holds nobody up', async () => {
    const running = await startBroker({ limits: { queueMaxBytes: 256 * 1024 } });
    const frozen = await connectRaw(running, transport);
    frozen.send(encodeConnect());
    frozen.send(encodeSubscribe(topics.outFilter));
    await eventually(() => expect(frozen.received).toEqual([...connackBytes, ...subackBytes]));
    frozen.freeze();
    const viewer = await connectClient(running, transport);
    let receivedCount = 0;
    viewer.on('message', () => {
      receivedCount += 1;
    });
    await viewer.subscribeAsync(topics.out);

    const agent = await connectAgent(running);
    const payload = Buffer.alloc(16 * 1024);
    let sentCount = 0;
    // The kernel takes some megabytes before the broker has to keep anything.
    while (running.broker.incidentCount('slow-client') === 0 && sentCount < 4_000) {
      await agent.publishAsync(topics.out, payload, { qos: 1 });
      sentCount += 1;
    }

    expect(running.broker.incidentCount('slow-client')).toBe(1);
    await eventually(() => expect(receivedCount).toBe(sentCount));
    await eventually(() => expect(running.broker.clientCount).toBe(2));
  });

  test('anonymous clients beyond the number are refused, and the agent still gets in', async () => {
    const running = await startBroker({ limits: { clientsMaxCount: 2, reservedClientsMaxCount: 1 } });
    const first = await connectClient(running, transport);
    await connectClient(running, transport);
    await expect(connectClient(running, transport)).rejects.toMatchObject({ code: 3 });
    await eventually(() => expect(running.broker.clientCount).toBe(2));
    await connectAgent(running);
    await expect(connectClient(running, transport)).rejects.toThrow();

    await first.endAsync();
    await eventually(() => expect(running.broker.clientCount).toBe(2));
    await running.broker.stop();
  });

  test('a client has as many subscriptions as it needs and not more', async () => {
    const running = await startBroker({ limits: { subscriptionsMaxCount: 3 } });
    const viewer = await connectClient(running, transport);
    const out = (session: number) => `porthole/1/${deviceId}/out/${'A'.repeat(20)}${session}A`;
    await viewer.subscribeAsync([out(0), out(1), out(2)]);
    await viewer.subscribeAsync(out(2), { qos: 1 });
    await expect(viewer.subscribeAsync(out(3))).rejects.toThrow();
    await viewer.unsubscribeAsync(out(0));
    await viewer.subscribeAsync(out(3));
    for (let attempt = 0; attempt < 2; attempt += 1) await expect(viewer.subscribeAsync('#')).rejects.toThrow();
    const closed = closeOf(viewer);
    viewer.subscribe('#');
    await closed;
  });
});

test('a WebSocket message that is too large, or text, ends the connection', async () => {
  const running = await startBroker();
  const open = async () => {
    const socket = new WebSocket(`ws://127.0.0.1:${running.httpPort}/mqtt`, 'mqtt');
    socket.on('error', () => {});
    await new Promise((resolve) => socket.once('open', resolve));
    return socket;
  };
  const codeOf = (socket: WebSocket) => new Promise((resolve) => socket.once('close', resolve));
  const large = await open();
  const largeCode = codeOf(large);
  large.send(Buffer.alloc(128 * 1024 + 1));
  await largeCode;
  expect(running.broker.incidentCount('oversize')).toBe(1);
  const text = await open();
  const textCode = codeOf(text);
  text.send('hello');
  expect(await textCode).toBe(1003);
});

test('the largest packet fits the message size of a client that takes less', async () => {
  const passwordHash = await hashPassword('let me in');
  const users = [{ name: 'admin', passwordHash, publish: ['#'], subscribe: ['#'] }];
  const running = await startBroker({ users });
  const credentials = { username: 'admin', password: 'let me in' };
  const admin = await connectClient(running, 'ws', { ...credentials, wsOptions: { maxPayload: 32 * 1024 } });
  const sizes: number[] = [];
  admin.on('message', (_topic, payload) => sizes.push(payload.length));
  await admin.subscribeAsync('large');
  admin.publish('large', Buffer.alloc(65_000));
  await eventually(() => expect(sizes).toEqual([65_000]));
});

test('a WebSocket is answered its pings, and ended when it floods them', async () => {
  const running = await startBroker();
  const socket = new WebSocket(`ws://127.0.0.1:${running.httpPort}/mqtt`, 'mqtt');
  socket.on('error', () => {});
  await new Promise((resolve) => socket.once('open', resolve));
  const closed = new Promise((resolve) => socket.once('close', resolve));
  const pongs: string[] = [];
  socket.on('pong', (payload) => pongs.push(String(payload)));
  socket.ping('beat');
  await eventually(() => expect(pongs).toEqual(['beat']));
  for (let ping = 0; ping < 1_000; ping += 1) socket.ping();
  await closed;
  expect(running.broker.incidentCount('flood')).toBe(1);
  // Five seconds' worth of the rate, and what came in meanwhile.
  expect(pongs.length).toBeLessThan(120);
});

test('what a client sends just before it hangs up is delivered', async () => {
  const running = await startBroker();
  const agent = await connectAgent(running);
  const heard = recordMessages(agent);
  await agent.subscribeAsync(topics.inFilter);
  const raw = await connectRawTcp(running.mqttPort);
  const topic = Buffer.from(topics.in);
  const publish = Buffer.concat([Buffer.from([0x30, topic.length + 4, 0, topic.length]), topic, Buffer.from('ok')]);
  raw.socket.end(Buffer.concat([encodeConnect(), publish]));
  await eventually(() => expect(heard).toEqual([`${topics.in} ok`]));
  await eventually(() => expect(running.broker.clientCount).toBe(1));
});

test('retained topics have a number, and a cleared one makes room', async () => {
  const passwordHash = await hashPassword('let me in');
  const users = [{ name: 'writer', passwordHash, publish: ['#'], subscribe: [] }];
  const running = await startBroker({ users, limits: { retainedMaxCount: 2 } });
  const writer = await connectClient(running, 'tcp', { username: 'writer', password: 'let me in' });
  const keep = (topic: string, payload: string) => writer.publishAsync(topic, payload, { qos: 1, retain: true });
  await keep('a', 'one');
  await keep('a', 'two');
  await keep('b', 'one');
  await keep('a', '');
  await keep('c', 'one');
  const closed = closeOf(writer);
  writer.publish('d', 'one', { qos: 1, retain: true });
  await closed;
});
