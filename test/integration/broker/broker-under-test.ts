import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectMqtt, type IClientOptions, type MqttClient } from 'mqtt';
import { onTestFinished, vi } from 'vitest';
import { WebSocket } from 'ws';
import { Broker, type BrokerOptions, type BrokerPorts } from '../../../broker/broker.ts';

export const deviceId = '0123456789abcdef0123456789abcdef';
export const otherDeviceId = 'f'.repeat(32);
export const sid = 'A'.repeat(22);
export const topics = {
  status: `porthole/1/${deviceId}/status`,
  in: `porthole/1/${deviceId}/in/${sid}`,
  inFilter: `porthole/1/${deviceId}/in/+`,
  out: `porthole/1/${deviceId}/out/${sid}`,
  outFilter: `porthole/1/${deviceId}/out/+`,
};
export const agentCredentials = { username: 'agent', password: 'made at start', deviceId };

export const silentLogger = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

export type RunningBroker = BrokerPorts & { broker: Broker };

/** A broker on free ports that ends with the test. */
export async function startBroker(options: Partial<BrokerOptions> = {}): Promise<RunningBroker> {
  const broker = new Broker({ httpPort: 0, mqttPort: 0, logger: silentLogger, agentCredentials, ...options });
  const ports = await broker.start();
  onTestFinished(() => broker.stop());
  return { broker, ...ports };
}

/** The two ways in, so that a behaviour can be shown on both. */
export const transports = ['tcp', 'ws'] as const;
export type TransportName = (typeof transports)[number];

export function urlOf(running: RunningBroker, transport: TransportName): string {
  return transport === 'tcp' ? `mqtt://127.0.0.1:${running.mqttPort}` : `ws://127.0.0.1:${running.httpPort}/mqtt`;
}

/** A real client, connected, that does not come back by itself. Rejects when it is refused or the connection ends first. */
export async function connectClient(
  running: RunningBroker,
  transport: TransportName = 'tcp',
  options: IClientOptions = {},
): Promise<MqttClient> {
  const client = connectMqtt(urlOf(running, transport), { protocolVersion: 4, reconnectPeriod: 0, ...options });
  onTestFinished(() => void client.end(true));
  await new Promise<void>((resolve, reject) => {
    client.once('connect', () => resolve());
    client.on('error', reject);
    client.once('close', () => reject(new Error('closed before it was connected')));
  });
  return client;
}

export function connectAgent(running: RunningBroker, options: IClientOptions = {}): Promise<MqttClient> {
  const { username, password } = agentCredentials;
  return connectClient(running, 'tcp', { username, password, ...options });
}

/** Collects what a client receives, as `topic payload`. */
export function recordMessages(client: MqttClient): string[] {
  const messages: string[] = [];
  client.on('message', (topic, payload, packet) => {
    messages.push(`${topic} ${payload}${packet.retain ? ' (retained)' : ''}`);
  });
  return messages;
}

/** Settles when the broker ends the connection. */
export function closeOf(client: MqttClient): Promise<void> {
  return new Promise((resolve) => client.once('close', () => resolve()));
}

/** Waits for a condition of an assertion, for three seconds at the most. */
export function eventually(assertion: () => void): Promise<void> {
  return vi.waitFor(assertion, { timeout: 3_000, interval: 5 });
}

/** Bytes to and from the broker without a client library, for what no library would send. */
export interface RawConnection {
  send(bytes: Uint8Array): void;
  /** Stops reading, as a frozen page does. */
  freeze(): void;
  received: number[];
  isClosed(): boolean;
}

export async function connectRaw(running: RunningBroker, transport: TransportName): Promise<RawConnection> {
  return transport === 'tcp' ? await connectRawTcp(running.mqttPort) : await connectRawWebSocket(running.httpPort);
}

export async function connectRawTcp(port: number): Promise<RawConnection & { socket: Socket }> {
  const socket = connect(port, '127.0.0.1');
  const received: number[] = [];
  let closed = false;
  socket.on('data', (bytes) => received.push(...bytes));
  socket.on('error', () => {});
  socket.on('close', () => {
    closed = true;
  });
  onTestFinished(() => void socket.destroy());
  await once(socket, 'connect');
  return {
    socket,
    received,
    send: (bytes) => void socket.write(bytes),
    freeze: () => void socket.pause(),
    isClosed: () => closed,
  };
}

async function connectRawWebSocket(port: number): Promise<RawConnection> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/mqtt`, 'mqtt');
  const received: number[] = [];
  socket.on('message', (bytes: Buffer) => received.push(...bytes));
  socket.on('error', () => {});
  onTestFinished(() => socket.terminate());
  await once(socket, 'open');
  return {
    received,
    send: (bytes) => socket.send(bytes),
    freeze: () => socket.pause(),
    isClosed: () => socket.readyState === WebSocket.CLOSED,
  };
}

/** CONNECT without a name (MQTT 3.1.1 section 3.1). */
export function encodeConnect(keepaliveSeconds = 20): Buffer {
  const variable = [0, 4, 0x4d, 0x51, 0x54, 0x54, 4, 2, keepaliveSeconds >> 8, keepaliveSeconds & 0xff, 0, 1, 0x63];
  return Buffer.from([0x10, variable.length, ...variable]);
}

/** SUBSCRIBE to one filter below 100 bytes at QoS 0 (section 3.8). */
export function encodeSubscribe(filter: string): Buffer {
  const body = Buffer.concat([Buffer.from([0, 1, 0, filter.length]), Buffer.from(filter), Buffer.from([0])]);
  return Buffer.concat([Buffer.from([0x82, body.length]), body]);
}

/** The bytes of a CONNACK that accepts, and of the SUBACK to the message above. */
export const connackBytes = [0x20, 2, 0, 0];
export const subackBytes = [0x90, 3, 0, 1, 0];
