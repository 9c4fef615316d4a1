import { describe, expect, it, onTestFinished } from 'vitest';
import type { BrokerPorts } from '../../../broker/broker.ts';
import { MqttSignaling } from '../../../viewer/client/mqtt-signaling.ts';
import { connectOwner, eventually, online, sid, startBroker, topics } from '../../helpers/signaling-bench.ts';
import { TcpProxy } from '../../helpers/tcp-proxy.ts';

const never = new AbortController().signal;

function buildSignaling(httpPort: number): MqttSignaling {
  const signaling = new MqttSignaling({ brokerUrl: `ws://127.0.0.1:${httpPort}/mqtt`, topics });
  onTestFinished(() => signaling.close());
  return signaling;
}

async function startFrozenProxy(ports: BrokerPorts) {
  const proxy = new TcpProxy(ports.httpPort);
  onTestFinished(() => proxy.stop());
  return { proxy, port: await proxy.start() };
}

describe('MqttSignaling of the viewer', () => {
  it('reads the status and carries an attempt both ways', async () => {
    const ports = await startBroker();
    const owner = await connectOwner(ports.mqttPort);
    await owner.client.publishAsync(topics.status, JSON.stringify(online), { qos: 1, retain: true });
    const signaling = buildSignaling(ports.httpPort);
    await signaling.open(never);
    const received: string[] = [];
    const route = await signaling.openRoute(sid, (bytes) => received.push(Buffer.from(bytes).toString()));
    // It came before the acknowledgement of the second subscription.
    expect(signaling.status).toEqual(online);
    route.send(Buffer.from('hello'), 'at-least-once');
    await eventually(() => expect(owner.messages).toContainEqual([topics.in(sid), 'hello']));
    owner.client.publish(topics.out(sid), 'offer', { qos: 1 });
    await eventually(() => expect(received).toEqual(['offer']));
    route.close();
    await owner.client.publishAsync(topics.out(sid), 'too late', { qos: 1 });
    await owner.client.publishAsync(topics.status, '{"online":false}', { qos: 1 });
    await eventually(() => expect(signaling.status).toEqual({ online: false }));
    expect(received).toEqual(['offer']);
  });

  it('takes no status that is not one', async () => {
    const ports = await startBroker();
    const owner = await connectOwner(ports.mqttPort);
    const signaling = buildSignaling(ports.httpPort);
    await signaling.open(never);
    const statuses: unknown[] = [];
    signaling.onStatus((status) => statuses.push(status));
    for (const junk of ['', '{', '{"online":true}', `{"online":false,"x":"${'x'.repeat(600)}"}`]) {
      await owner.client.publishAsync(topics.status, junk, { qos: 1 });
    }
    await owner.client.publishAsync(topics.status, '{"online":false}', { qos: 1 });
    await eventually(() => expect(statuses).toEqual([{ online: false }]));
  });

  it('names a broker that is not there', async () => {
    const signaling = buildSignaling(1);
    await expect(signaling.open(never)).rejects.toMatchObject({ code: 'broker-unreachable' });
    await expect(signaling.openRoute(sid, () => {})).rejects.toMatchObject({ code: 'broker-unreachable' });
  });

  it('names a broker that refuses', async () => {
    const ports = await startBroker();
    const wrong = new MqttSignaling({ brokerUrl: `ws://nobody:wrong@127.0.0.1:${ports.httpPort}/mqtt`, topics });
    onTestFinished(() => wrong.close());
    await expect(wrong.open(never)).rejects.toMatchObject({ code: 'broker-refused' });
    const signaling = buildSignaling(ports.httpPort);
    await signaling.open(never);
    await expect(signaling.openRoute('+', () => {})).resolves.toBeDefined();
    await expect(signaling.openRoute('not/a/sid', () => {})).rejects.toMatchObject({ code: 'broker-refused' });
  });

  it('connects again after the broker has gone', async () => {
    const ports = await startBroker();
    const signaling = buildSignaling(ports.httpPort);
    await signaling.open(never);
    await ports.broker.stop();
    await eventually(() =>
      expect(signaling.openRoute(sid, () => {})).rejects.toMatchObject({ code: 'broker-unreachable' }),
    );
    await startBroker({ mqttPort: ports.mqttPort, httpPort: ports.httpPort });
    await signaling.open(never);
    await expect(signaling.openRoute(sid, () => {})).resolves.toBeDefined();
  });

  it('stops connecting when nobody wants it any more', async () => {
    const { proxy, port } = await startFrozenProxy(await startBroker());
    proxy.freeze();
    const signaling = buildSignaling(port);
    const aborter = new AbortController();
    const opening = signaling.open(aborter.signal);
    await eventually(() => expect(proxy.connectionCount).toBe(1));
    aborter.abort();
    await expect(opening).rejects.toMatchObject({ code: 'closed-by-peer' });
    await expect(signaling.open(aborter.signal)).rejects.toMatchObject({ code: 'closed-by-peer' });
    await eventually(() => expect(proxy.connectionCount).toBe(0));
  });

  it('closes within a second although the broker answers nothing', async () => {
    const { proxy, port } = await startFrozenProxy(await startBroker());
    const signaling = buildSignaling(port);
    await signaling.open(never);
    const route = await signaling.openRoute(sid, () => {});
    proxy.freeze();
    route.send(Buffer.from('bye'), 'at-least-once');
    const startedAtMs = performance.now();
    await signaling.close();
    expect(performance.now() - startedAtMs).toBeLessThan(1_000);
    await eventually(() => expect(proxy.connectionCount).toBe(0));
  });
});
