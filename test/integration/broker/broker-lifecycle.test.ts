import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { connectAsync } from 'mqtt';
import { describe, expect, onTestFinished, test } from 'vitest';
import { Broker } from '../../../broker/broker.ts';
import {
  agentCredentials,
  closeOf,
  connectAgent,
  connectClient,
  connectRaw,
  connectRawTcp,
  silentLogger,
  startBroker,
  topics,
} from './broker-under-test.ts';

async function occupyPort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close());
  return (server.address() as AddressInfo).port;
}

async function canListen(port: number): Promise<boolean> {
  const server = createServer();
  server.listen(port, '127.0.0.1');
  const [outcome] = await Promise.race([
    once(server, 'listening').then(() => ['free']),
    once(server, 'error').then(() => ['used']),
  ]);
  server.close();
  return outcome === 'free';
}

describe('a busy port', () => {
  test.each(['httpPort', 'mqttPort'] as const)('is named together with the option %s', async (option) => {
    const port = await occupyPort();
    const broker = new Broker({ httpPort: 0, mqttPort: 0, [option]: port, logger: silentLogger });
    await expect(broker.start()).rejects.toMatchObject({ code: 'port-in-use', port, option });
    await expect(broker.start()).rejects.toMatchObject({ code: 'already-started' });
    await broker.stop();
  });

  test('at MQTT closes the page again', async () => {
    const mqttPort = await occupyPort();
    const probe = createServer();
    probe.listen(0, '127.0.0.1');
    await once(probe, 'listening');
    const httpPort = (probe.address() as AddressInfo).port;
    probe.close();
    await once(probe, 'close');
    const broker = new Broker({ httpPort, mqttPort, logger: silentLogger });
    await expect(broker.start()).rejects.toMatchObject({ code: 'port-in-use', option: 'mqttPort' });
    expect(await canListen(httpPort)).toBe(true);
  });
});

test.each([
  [{ host: '0.0.0.0' }, 'lan-not-asked'],
  [{ host: '::' }, 'lan-not-asked'],
  [{ host: '192.0.2.1' }, 'address-unavailable'],
  [{ topicPrefix: 'a/#' }, 'topic-prefix-invalid'],
  [{ topicPrefix: '' }, 'topic-prefix-invalid'],
] as const)('%j is refused as %s', async (options, code) => {
  const broker = new Broker({ httpPort: 0, mqttPort: 0, logger: silentLogger, ...options });
  await expect(broker.start()).rejects.toMatchObject({ code });
  await broker.stop();
});

test('is on the loopback alone unless the network is asked for', async () => {
  const closed = await startBroker();
  await expect(connectAsync(`mqtt://127.0.0.2:${closed.mqttPort}`, { reconnectPeriod: 0 })).rejects.toThrow();
  const open = await startBroker({ lan: true });
  const client = await connectAsync(`mqtt://127.0.0.2:${open.mqttPort}`, { protocolVersion: 4, reconnectPeriod: 0 });
  await client.endAsync();
});

test('a client of MQTT 5 is told that it is too new', async () => {
  const running = await startBroker();
  await expect(connectClient(running, 'ws', { protocolVersion: 5 })).rejects.toMatchObject({ code: 1 });
});

test('stopping ends every connection within a second and frees the ports', async () => {
  const running = await startBroker();
  const viewer = await connectClient(running, 'ws');
  const agent = await connectAgent(running);
  await connectRaw(running, 'tcp');
  await connectRaw(running, 'ws');
  await connectRawTcp(running.httpPort);
  await agent.subscribeAsync(topics.inFilter);
  const closed = Promise.all([closeOf(viewer), closeOf(agent)]);

  const startedAtMs = performance.now();
  await Promise.all([running.broker.stop(), running.broker.stop()]);
  expect(performance.now() - startedAtMs).toBeLessThan(1_000);

  await closed;
  await running.broker.stop();
  expect(running.broker.clientCount).toBe(0);
  expect(await canListen(running.httpPort)).toBe(true);
  expect(await canListen(running.mqttPort)).toBe(true);
});

test('stopping while it starts leaves nothing open', async () => {
  const broker = new Broker({ httpPort: 0, mqttPort: 0, logger: silentLogger });
  const starting = broker.start();
  await broker.stop();
  const { httpPort, mqttPort } = await starting;
  expect(await canListen(httpPort)).toBe(true);
  expect(await canListen(mqttPort)).toBe(true);
});

test('stopping before the start is possible, and there is no start after it', async () => {
  const broker = new Broker({ httpPort: 0, mqttPort: 0, logger: silentLogger });
  await broker.stop();
  await expect(broker.start()).rejects.toMatchObject({ code: 'already-started' });
});

test('a broker on the same ports takes over from one that has stopped', async () => {
  const first = await startBroker();
  await first.broker.stop();
  const second = new Broker({
    httpPort: first.httpPort,
    mqttPort: first.mqttPort,
    logger: silentLogger,
    agentCredentials,
  });
  onTestFinished(() => second.stop());
  expect(await second.start()).toEqual({ httpPort: first.httpPort, mqttPort: first.mqttPort });
});

test('100 starts and stops leave no timer and no socket behind', async () => {
  const openHandles = () => process.getActiveResourcesInfo().filter((name) => /Timeout|TCP/.test(name)).length;
  await (await startBroker()).broker.stop();
  const before = openHandles();
  for (let round = 0; round < 100; round += 1) {
    const running = await startBroker();
    if (round % 10 === 0) await (await connectAgent(running)).endAsync();
    await running.broker.stop();
  }
  expect(openHandles()).toBeLessThanOrEqual(before + 2);
});
