import mqtt, { type MqttClient } from 'mqtt';
import { onTestFinished, vi } from 'vitest';
import { MqttSignaling, type MqttSignalingOptions } from '../../agent/signaling/mqtt-signaling.ts';
import { Broker, type BrokerOptions, type BrokerPorts } from '../../broker/broker.ts';
import { hashPassword } from '../../broker/password-hash.ts';
import type { Status } from '../../protocol/messages.ts';
import { buildDeviceTopics } from '../../protocol/topics.ts';
import { FakeLogger } from '../fakes/support-logger.ts';

export const deviceId = 'd'.repeat(32);
export const sid = 'A'.repeat(22);
export const topics = buildDeviceTopics('porthole', deviceId);
export const online: Status = { online: true, epoch: 'A'.repeat(22), v: 1 };
const credentials = { username: 'device', password: 'secret' };
// Slow to make, as it should be.
const ownerPasswordHash = hashPassword('owner');

/** A real broker that knows the device above, and an owner who may do everything. Ends with the test. */
export async function startBroker(options: Partial<BrokerOptions> = {}): Promise<BrokerPorts & { broker: Broker }> {
  const broker = new Broker({
    httpPort: 0,
    mqttPort: 0,
    agentCredentials: { ...credentials, deviceId },
    users: [{ name: 'owner', passwordHash: await ownerPasswordHash, publish: ['#'], subscribe: ['#'] }],
    logger: new FakeLogger(),
    ...options,
  });
  onTestFinished(() => broker.stop());
  return { broker, ...(await broker.start()) };
}

/** The owner's own client, with a list of all that it gets. */
export async function connectOwner(mqttPort: number): Promise<{ client: MqttClient; messages: [string, string][] }> {
  const client = mqtt.connect(`mqtt://127.0.0.1:${mqttPort}`, {
    protocolVersion: 4,
    username: 'owner',
    password: 'owner',
    reconnectPeriod: 0,
  });
  const messages: [string, string][] = [];
  client.on('message', (topic, payload) => messages.push([topic, String(payload)]));
  onTestFinished(() => void client.end(true));
  await new Promise<void>((resolve, reject) => client.once('connect', () => resolve()).once('error', reject));
  await client.subscribeAsync('#', { qos: 1 });
  return { client, messages };
}

/** The signaling of the device, with a list of what it says and gets. Ends with the test. */
export function startSignaling(url: string, options: Partial<MqttSignalingOptions> = {}) {
  const logger = new FakeLogger();
  const signaling = new MqttSignaling({
    broker: { url, ...credentials },
    topics,
    clientId: 'portholeOfTheBench',
    logger,
    backoff: () => 20,
    ...options,
  });
  const received: string[] = [];
  const offline: string[] = [];
  signaling.events.on('message', ({ bytes }) => received.push(Buffer.from(bytes).toString()));
  signaling.events.on('offline', ({ reason }) => offline.push(reason));
  signaling.setStatus(online);
  signaling.start();
  onTestFinished(() => signaling.stop());
  return { signaling, logger, received, offline };
}

export function eventually(assertion: () => void): Promise<void> {
  return vi.waitFor(assertion, { timeout: 5_000, interval: 10 });
}
