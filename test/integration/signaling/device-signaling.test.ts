import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type WebSocket, WebSocketServer } from 'ws';
import { limits } from '../../../protocol/limits.ts';
import type { FakeLogger } from '../../fakes/support-logger.ts';
import {
  connectOwner,
  eventually,
  online,
  sid,
  startBroker,
  startSignaling,
  topics,
} from '../../helpers/signaling-bench.ts';
import { TcpProxy } from '../../helpers/tcp-proxy.ts';

const connack = Buffer.from([0x20, 2, 0, 0]);
/** The answer to the first SUBSCRIBE of mqtt.js, whose packet id the caller gives. */
const suback = (packetId: number) => Buffer.from([0x90, 3, packetId >> 8, packetId & 0xff, 1]);
/** PUBLISH with a remaining length of 256 MB less one byte, and the first of them. */
const hugePublish = Buffer.concat([Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f]), Buffer.alloc(1_000)]);

/** Answers CONNECT and SUBSCRIBE as a broker does, and then begins a packet that has no end in sight. */
class RogueBroker {
  private readonly send: (bytes: Buffer) => void;
  private pending = Buffer.alloc(0);

  constructor(send: (bytes: Buffer) => void) {
    this.send = send;
  }

  handle(bytes: Buffer): void {
    this.pending = Buffer.concat([this.pending, bytes]);
    for (let packet = this.takePacket(); packet; packet = this.takePacket()) {
      if (packet.type === 1) this.send(connack);
      if (packet.type !== 8) continue;
      this.send(suback(packet.body.readUInt16BE(0)));
      this.send(hugePublish);
    }
  }

  private takePacket(): { type: number; body: Buffer } | null {
    const [first = 0, low = 0, high = 0] = this.pending;
    const headerBytes = low < 0x80 ? 2 : 3;
    const bodyBytes = low < 0x80 ? low : (low & 0x7f) + high * 128;
    if (this.pending.length < headerBytes + bodyBytes || this.pending.length < 2) return null;
    const body = this.pending.subarray(headerBytes, headerBytes + bodyBytes);
    this.pending = this.pending.subarray(headerBytes + bodyBytes);
    return { type: first >> 4, body };
  }
}

async function startRogueTcp(onConnection: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    onConnection(socket);
  });
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `mqtt://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** The reasons for which there was no broker. */
function failuresIn(logger: FakeLogger): string[] {
  return logger.events.filter(({ level }) => level === 'warn').map(({ fields }) => String(fields.reason));
}

describe.each(['mqtt', 'ws'] as const)('MqttSignaling of the device over %s', (scheme) => {
  const urlOf = (ports: { mqttPort: number; httpPort: number }) =>
    scheme === 'mqtt' ? `mqtt://127.0.0.1:${ports.mqttPort}` : `ws://127.0.0.1:${ports.httpPort}/mqtt`;

  it('shows its presence, retained, and says goodbye when it stops', async () => {
    const ports = await startBroker();
    const { signaling } = startSignaling(urlOf(ports));
    await eventually(() => expect(signaling.isOnline).toBe(true));
    const owner = await connectOwner(ports.mqttPort);
    await eventually(() => expect(owner.messages).toEqual([[topics.status, JSON.stringify(online)]]));
    await signaling.stop();
    const late = await connectOwner(ports.mqttPort);
    await eventually(() => expect(late.messages).toEqual([[topics.status, '{"online":false}']]));
    expect(signaling.isOnline).toBe(false);
  });

  it('carries messages of sessions both ways', async () => {
    const ports = await startBroker();
    const { signaling, received } = startSignaling(urlOf(ports));
    await eventually(() => expect(signaling.isOnline).toBe(true));
    const owner = await connectOwner(ports.mqttPort);
    owner.client.publish(topics.in(sid), 'hello', { qos: 1 });
    await eventually(() => expect(received).toEqual(['hello']));
    signaling.send(sid, Buffer.from('offer'), 'at-least-once');
    signaling.send(sid, Buffer.from('candidate'), 'at-most-once');
    // In any order: a broker may deliver QoS 0 ahead of QoS 1.
    await eventually(() =>
      expect(owner.messages).toEqual(
        expect.arrayContaining([
          [topics.out(sid), 'offer'],
          [topics.out(sid), 'candidate'],
        ]),
      ),
    );
  });

  it('drops what is retained, too large, or on no topic of a session', async () => {
    const ports = await startBroker({ limits: { packetMaxBytes: 64 * 1024 } });
    const owner = await connectOwner(ports.mqttPort);
    await owner.client.publishAsync(topics.in(sid), 'a replay', { qos: 1, retain: true });
    const { signaling, received } = startSignaling(urlOf(ports));
    await eventually(() => expect(signaling.isOnline).toBe(true));
    owner.client.publish(topics.in(sid), Buffer.alloc(limits.signalingMessageMaxBytes + 1), { qos: 1 });
    owner.client.publish(topics.in('shorter'), 'no sid', { qos: 1 });
    owner.client.publish(topics.in(sid), 'the last', { qos: 1 });
    await eventually(() => expect(received).toEqual(['the last']));
  });

  it('comes back when the broker does, with the status of then', async () => {
    const ports = await startBroker();
    const { signaling, offline } = startSignaling(urlOf(ports));
    await eventually(() => expect(signaling.isOnline).toBe(true));
    await ports.broker.stop();
    await eventually(() => expect(offline).toHaveLength(1));
    const later = { online: true, epoch: 'B'.repeat(21).concat('A'), v: 1 } as const;
    signaling.setStatus(later);
    signaling.send(sid, Buffer.from('stale'), 'at-least-once');
    await startBroker({ mqttPort: ports.mqttPort, httpPort: ports.httpPort });
    const owner = await connectOwner(ports.mqttPort);
    await eventually(() => expect(owner.messages).toContainEqual([topics.status, JSON.stringify(later)]));
    signaling.send(sid, Buffer.from('fresh'), 'at-least-once');
    await eventually(() => expect(owner.messages.at(-1)).toEqual([topics.out(sid), 'fresh']));
    expect(owner.messages.flat()).not.toContain('stale');
  });

  it('is declared gone by its last will when the connection breaks', async () => {
    const ports = await startBroker();
    const proxy = new TcpProxy(scheme === 'mqtt' ? ports.mqttPort : ports.httpPort);
    onTestFinished(() => proxy.stop());
    const port = await proxy.start();
    const { signaling } = startSignaling(urlOf({ mqttPort: port, httpPort: port }), { backoff: () => 60_000 });
    await eventually(() => expect(signaling.isOnline).toBe(true));
    const owner = await connectOwner(ports.mqttPort);
    proxy.cut();
    await eventually(() => expect(owner.messages.at(-1)).toEqual([topics.status, '{"online":false}']));
    await eventually(() => expect(signaling.isOnline).toBe(false));
  });

  it('stays online when it comes back before the broker has missed it', async () => {
    const ports = await startBroker();
    const proxy = new TcpProxy(scheme === 'mqtt' ? ports.mqttPort : ports.httpPort);
    onTestFinished(() => proxy.stop());
    const port = await proxy.start();
    const lost = startSignaling(urlOf({ mqttPort: port, httpPort: port }), { backoff: () => 60_000 });
    await eventually(() => expect(lost.signaling.isOnline).toBe(true));
    proxy.freeze();
    const owner = await connectOwner(ports.mqttPort);
    const { signaling } = startSignaling(urlOf(ports));
    await eventually(() => expect(signaling.isOnline).toBe(true));
    proxy.cut();
    await eventually(() => expect(lost.signaling.isOnline).toBe(false));
    signaling.send(sid, Buffer.from('the last'), 'at-least-once');
    await eventually(() => expect(owner.messages.at(-1)).toEqual([topics.out(sid), 'the last']));
    const statuses = owner.messages.filter(([topic]) => topic === topics.status);
    expect(statuses.at(-1)).toEqual([topics.status, JSON.stringify(online)]);
  });

  it('keeps trying after it was refused', async () => {
    const ports = await startBroker({ agentCredentials: undefined });
    const { signaling, logger } = startSignaling(urlOf(ports));
    await eventually(() => expect(failuresIn(logger).length).toBeGreaterThan(2));
    expect(failuresIn(logger)[0]).toContain('refused the user name or password');
    await ports.broker.stop();
    await startBroker({ mqttPort: ports.mqttPort, httpPort: ports.httpPort });
    await eventually(() => expect(signaling.isOnline).toBe(true));
  });

  it('stops at once when the broker does not answer', async () => {
    const ports = await startBroker();
    const proxy = new TcpProxy(scheme === 'mqtt' ? ports.mqttPort : ports.httpPort);
    onTestFinished(() => proxy.stop());
    proxy.freeze();
    const port = await proxy.start();
    const { signaling } = startSignaling(urlOf({ mqttPort: port, httpPort: port }));
    await eventually(() => expect(proxy.connectionCount).toBe(1));
    const startedAtMs = performance.now();
    await signaling.stop();
    expect(performance.now() - startedAtMs).toBeLessThan(1_000);
  });
});

describe('MqttSignaling of the device with a rogue broker', () => {
  it('hangs up when a packet is announced that nobody should buffer', async () => {
    const url = await startRogueTcp((socket) => {
      const rogue = new RogueBroker((bytes) => socket.write(bytes));
      socket.on('data', (bytes) => rogue.handle(bytes));
    });
    const { logger, received } = startSignaling(url);
    await eventually(() => expect(failuresIn(logger).length).toBeGreaterThan(1));
    expect(failuresIn(logger)[0]).toContain('oversize');
    expect(received).toEqual([]);
  });

  it('hangs up although the packet comes in many small WebSocket messages', async () => {
    const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
    onTestFinished(() => {
      for (const client of server.clients) client.terminate();
      server.close();
    });
    await once(server, 'listening');
    server.on('connection', (socket: WebSocket) => {
      const rogue = new RogueBroker((bytes) => {
        for (let at = 0; at < bytes.length; at += 100) socket.send(bytes.subarray(at, at + 100));
      });
      socket.on('message', (bytes: Buffer) => rogue.handle(bytes));
    });
    const { logger } = startSignaling(`ws://127.0.0.1:${(server.address() as AddressInfo).port}`);
    await eventually(() => expect(failuresIn(logger).length).toBeGreaterThan(1));
    expect(failuresIn(logger)[0]).toContain('oversize');
  });

  it('takes bytes that are no MQTT for a reason to try later', async () => {
    const url = await startRogueTcp((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
    const { logger, signaling } = startSignaling(url);
    await eventually(() => expect(failuresIn(logger).length).toBeGreaterThan(1));
    expect(signaling.isOnline).toBe(false);
  });

  it('names what is wrong with the address or the certificate', async () => {
    const nobody = startSignaling('mqtt://127.0.0.1:1');
    await eventually(() => expect(failuresIn(nobody.logger)[0]).toContain('ECONNREFUSED'));
    const noCa = startSignaling('mqtts://127.0.0.1:1', {
      broker: { url: 'mqtts://127.0.0.1:1', ca: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----' },
    });
    await eventually(() => expect(failuresIn(noCa.logger).length).toBeGreaterThan(1));
  });
});
