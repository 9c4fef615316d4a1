import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { Emitter } from '../../protocol/emitter.ts';
import { SessionError } from '../../protocol/errors.ts';
import { parseJson } from '../../protocol/json.ts';
import { limits } from '../../protocol/limits.ts';
import { parseWith, type Status, statusSchema } from '../../protocol/messages.ts';
import type { DeviceTopics } from '../../protocol/topics.ts';
import type { SignalingPort, SignalingRoute } from './signaling-port.ts';
import { stoppedError } from './with-deadline.ts';

const openTimeoutMs = 8_000;
const subscribeTimeoutMs = 5_000;
/** What a goodbye may take, when the broker does not answer any more. */
const closeTimeoutMs = 500;
const statusMaxBytes = 512;
/** CONNACK return codes of MQTT 3.1.1 (section 3.2.2.3) that trying again will not change. */
const refusedReturnCodes = new Set([1, 2, 4, 5]);

/**
 * Signaling through an MQTT 3.1.1 broker over WebSocket. It does not reconnect by itself: losing the broker never touches a
 * running session, and whoever starts the next attempt calls `open` again, at the pace of its own back-off.
 */
export class MqttSignaling implements SignalingPort {
  private readonly brokerUrl: string;
  private readonly topics: DeviceTopics;
  private readonly events = new Emitter<{ status: Status }>();
  private readonly routes = new Map<string, (bytes: Uint8Array) => void>();
  private client: MqttClient | null = null;
  private lastStatus: Status | null = null;

  constructor(options: { brokerUrl: string; topics: DeviceTopics }) {
    this.brokerUrl = options.brokerUrl;
    this.topics = options.topics;
  }

  get status(): Status | null {
    return this.lastStatus;
  }

  onStatus(listener: (status: Status) => void): () => void {
    return this.events.on('status', listener);
  }

  async open(signal: AbortSignal): Promise<void> {
    if (this.client?.connected) return;
    await this.close();
    const client = connectTo(this.brokerUrl);
    this.client = client;
    client.on('message', (topic, payload) => this.handleMessage(topic, payload));
    await connected(client, signal);
    // Not awaited: the subscription of the first route is acknowledged after this one, with the retained status between.
    client.subscribe(this.topics.status, { qos: 1 });
  }

  async openRoute(sid: string, onMessage: (bytes: Uint8Array) => void): Promise<SignalingRoute> {
    const client = this.client;
    if (!client?.connected) throw new SessionError('broker-unreachable', 'the connection was lost');
    const topic = this.topics.out(sid);
    this.routes.set(topic, onMessage);
    try {
      await subscribed(client, topic);
    } catch (error) {
      this.routes.delete(topic);
      // The next attempt shall not find a connection that looks open and is dead.
      if (SessionError.from(error).code === 'broker-unreachable') client.end(true);
      throw error;
    }
    return {
      send: (bytes, delivery) => {
        // What is published while the broker is away would arrive stale; see `queueQoSZero` for the other half.
        if (!client.connected) return;
        client.publish(this.topics.in(sid), bytes as Buffer, {
          qos: delivery === 'at-least-once' ? 1 : 0,
          retain: false,
        });
      },
      close: () => {
        this.routes.delete(topic);
        if (client.connected) client.unsubscribe(topic);
      },
    };
  }

  async close(): Promise<void> {
    const client = this.client;
    this.client = null;
    this.lastStatus = null;
    if (!client) return;
    await new Promise<void>((resolve) => {
      // Its last messages are on their way, so it may take a moment, but not until the keepalive notices a dead broker.
      const timer = setTimeout(() => client.stream?.destroy(), closeTimeoutMs);
      const finish = () => {
        clearTimeout(timer);
        resolve();
      };
      // The library calls back only when everything has been acknowledged.
      client.once('close', finish);
      client.end(!client.connected, {}, finish);
    });
  }

  private handleMessage(topic: string, payload: Uint8Array): void {
    if (topic === this.topics.status) {
      const status = parseStatus(payload);
      if (!status) return;
      this.lastStatus = status;
      this.events.emit('status', status);
    } else if (payload.length <= limits.signalingMessageMaxBytes) {
      this.routes.get(topic)?.(payload);
    }
  }
}

function parseStatus(payload: Uint8Array): Status | null {
  const json = parseJson(payload, { maxBytes: statusMaxBytes, maxDepth: limits.jsonMaxDepth });
  const status = json.ok ? parseWith(statusSchema, json.value) : json;
  return status.ok ? status.value : null;
}

function connectTo(brokerUrl: string): MqttClient {
  const options: IClientOptions = {
    protocolVersion: 4,
    clean: true,
    keepalive: 20,
    reconnectPeriod: 0,
    connectTimeout: openTimeoutMs,
    // The other kind runs in a worker made from a blob, which the policy of the page forbids.
    timerVariant: 'native',
    queueQoSZero: false,
    // A credential in the link's broker address is for brokers that know no anonymous clients.
    ...credentialsOf(brokerUrl),
  };
  const client = mqtt.connect(brokerUrl, options);
  client.on('error', () => {
    // Each step has its own deadline and named error; without a listener this event would be an uncaught exception.
  });
  return client;
}

function credentialsOf(brokerUrl: string): { username?: string; password?: string } {
  const { username, password } = new URL(brokerUrl);
  return username ? { username: decodeURIComponent(username), password: decodeURIComponent(password) } : {};
}

function connected(client: MqttClient, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (error: SessionError) => {
      finish();
      client.end(true);
      reject(error);
    };
    const onConnect = () => {
      finish();
      resolve();
    };
    const onError = (error: Error & { code?: unknown }) => {
      const refused = refusedReturnCodes.has(Number(error.code));
      fail(new SessionError(refused ? 'broker-refused' : 'broker-unreachable', refused ? error.message : undefined));
    };
    const onClose = () => fail(new SessionError('broker-unreachable'));
    const onAbort = () => fail(stoppedError());
    const timer = setTimeout(onClose, openTimeoutMs);
    const finish = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      client.off('connect', onConnect).off('error', onError).off('close', onClose);
    };
    client.on('connect', onConnect).on('error', onError).on('close', onClose);
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
  });
}

function subscribed(client: MqttClient, topic: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(
      () => reject(new SessionError('broker-unreachable', 'no answer to SUBSCRIBE')),
      subscribeTimeoutMs,
    );
    client.subscribe(topic, { qos: 1 }, (error, _granted, suback) => {
      clearTimeout(timer);
      if (!error) resolve();
      // A refusal is an answer; without one the connection has gone.
      else reject(new SessionError(suback ? 'broker-refused' : 'broker-unreachable', error.message));
    });
  });
}
