import { type IClientOptions, MqttClient } from 'mqtt';
import { type Backoff, exponentialBackoff } from '../../protocol/backoff.ts';
import { encodeUtf8 } from '../../protocol/bytes.ts';
import { Emitter } from '../../protocol/emitter.ts';
import { limits } from '../../protocol/limits.ts';
import type { Status } from '../../protocol/messages.ts';
import type { DeviceTopics } from '../../protocol/topics.ts';
import { type BrokerAddress, openBrokerStream } from './mqtt-stream.ts';

export interface MqttSignalingOptions {
  broker: BrokerAddress & { username?: string; password?: string };
  topics: DeviceTopics;
  /** As made by `deriveClientId`. */
  clientId: string;
  logger: SignalingLogger;
  /** How long to wait before connecting again; without end, since a device has nobody to restart it. */
  backoff?: Backoff;
}

export interface SignalingLogger {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export interface MqttSignalingEvents {
  /** A viewer's message: not retained, not over the size limit, otherwise untouched. */
  message: { sid: string; bytes: Uint8Array };
  /** The broker has the subscription and the status. */
  online: Record<string, never>;
  offline: { reason: string };
}

const offline: Status = { online: false };
const connectTimeoutMs = 10_000;
const subscribeTimeoutMs = 10_000;
const keepaliveSeconds = 20;
const goodbyeTimeoutMs = 1_000;
/**
 * Something happens more often than this, whatever the broker does: a connection attempt and its subscription end after 10 s each,
 * the next one begins after 30 s at most, and a connection that is up hears the answer to a ping every 20 s or is given up.
 */
const quietMaxMs = 90_000;
const badCredentials = 'the broker refused the user name or password';
/** Return codes of CONNACK and SUBACK (MQTT 3.1.1 sections 3.2.2.3 and 3.9.3). Most brokers say 5 where 4 is meant. */
const refusals = new Map<unknown, string>([
  [4, badCredentials],
  [5, badCredentials],
  [0x80, 'the access rules of the broker forbid the subscription'],
]);

/**
 * The device's side of signaling through any MQTT 3.1.1 broker: presence with a last will, and the topics of the sessions.
 * Keeps connecting for ever; losing the broker touches no running session.
 */
export class MqttSignaling {
  readonly events = new Emitter<MqttSignalingEvents>();
  private readonly options: MqttSignalingOptions;
  private readonly backoff: Backoff;
  private readonly aborter = new AbortController();
  private client: MqttClient | null = null;
  private status: Status = offline;
  private running: Promise<void> = Promise.resolve();
  private reason = 'not connected yet';
  private lastSignAtMs = performance.now();

  constructor(options: MqttSignalingOptions) {
    this.options = options;
    this.backoff = options.backoff ?? exponentialBackoff({ initialMs: 1_000, maxMs: 30_000 });
  }

  get isOnline(): boolean {
    return this.client !== null;
  }

  /** Why it is not online, for people. */
  get offlineReason(): string {
    return this.reason;
  }

  /** Null while it is online or on its way there; else what is wrong: the client is stuck, which no broker can bring about. */
  problem(): string | null {
    const quietMs = performance.now() - this.lastSignAtMs;
    return quietMs > quietMaxMs ? `signaling has been stuck for ${Math.round(quietMs / 1000)} s` : null;
  }

  start(): void {
    this.running = this.keepConnected();
  }

  /** Tells viewers that the device is gone, waiting at most a second for the broker, and disconnects. */
  async stop(): Promise<void> {
    this.status = offline;
    const { client } = this;
    if (client?.connected) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, goodbyeTimeoutMs);
        this.publishStatus(client, () => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
    this.aborter.abort();
    await this.running;
  }

  /** The retained status, now and after every reconnection. */
  setStatus(status: Status): void {
    this.status = status;
    if (this.client) this.publishStatus(this.client);
  }

  /** Never throws and never waits; while the broker is away nothing is queued, since it would arrive stale. */
  send(sid: string, bytes: Uint8Array, delivery: 'at-least-once' | 'at-most-once'): void {
    const qos = delivery === 'at-least-once' ? 1 : 0;
    this.client?.publish(this.options.topics.out(sid), Buffer.from(bytes), { qos, retain: false });
  }

  private async keepConnected(): Promise<void> {
    const { signal } = this.aborter;
    let failures = 0;
    while (!signal.aborted) {
      const online = () => {
        failures = 0;
      };
      // What cannot even begin, such as a certificate that is none, is one more reason to try later.
      const reason = await this.runConnection(online).catch(reasonOf);
      if (signal.aborted) return;
      this.reason = reason;
      this.lastSignAtMs = performance.now();
      const delayMs = this.backoff(failures++) ?? 0;
      this.options.logger.warn({ reason, retryInMs: delayMs }, 'broker not connected');
      await pause(delayMs, signal);
    }
  }

  /** One connection, from the first byte to the last. @returns why it ended */
  private runConnection(onOnline: () => void): Promise<string> {
    const { signal } = this.aborter;
    return new Promise((resolve) => {
      let reason = 'the connection was closed';
      const client = this.buildClient();
      const onAbort = () => client.end(true);
      signal.addEventListener('abort', onAbort);
      client.on('error', (error) => {
        reason = reasonOf(error);
      });
      client.on('connect', () => {
        this.goOnline(client).then(onOnline, (error) => {
          reason = reasonOf(error);
          client.end(true);
        });
      });
      client.on('packetreceive', () => {
        this.lastSignAtMs = performance.now();
      });
      client.on('message', (topic, payload, packet) => this.handleMessage(topic, payload, packet.retain));
      client.on('close', () => {
        signal.removeEventListener('abort', onAbort);
        const wasOnline = this.client === client;
        this.client = null;
        client.removeAllListeners('message');
        if (wasOnline) this.events.emit('offline', { reason });
        resolve(reason);
      });
      client.connect();
    });
  }

  private buildClient(): MqttClient {
    const { broker, topics, clientId } = this.options;
    const options: IClientOptions = {
      protocolVersion: 4,
      clean: true,
      clientId,
      keepalive: keepaliveSeconds,
      connectTimeout: connectTimeoutMs,
      // Connecting again is ours: the library waits a fixed second and stops for good after a refused CONNACK.
      reconnectPeriod: 0,
      manualConnect: true,
      queueQoSZero: false,
      // The library would keep a buffer for each of the 65,536 numbers that a packet may hold: 6.5 MB.
      writeCache: false,
      username: broker.username,
      password: broker.password,
      will: { topic: topics.status, payload: encodeStatus(offline), qos: 1, retain: true },
    };
    return new MqttClient(() => openBrokerStream(broker), options);
  }

  private async goOnline(client: MqttClient): Promise<void> {
    await inTime(client.subscribeAsync(this.options.topics.inFilter, { qos: 1 }), subscribeTimeoutMs);
    if (client.disconnecting || !client.connected) return;
    this.client = client;
    // Only now: a viewer that reads "online" may send its hello at once.
    this.publishStatus(client);
    this.options.logger.info({ broker: withoutCredentials(this.options.broker.url) }, 'broker connected');
    this.events.emit('online', {});
  }

  private publishStatus(client: MqttClient, done?: () => void): void {
    client.publish(this.options.topics.status, encodeStatus(this.status), { qos: 1, retain: true }, done);
  }

  private handleMessage(topic: string, bytes: Uint8Array, isRetained: boolean): void {
    const sid = this.options.topics.parseIn(topic);
    // A retained hello is a replay by the broker, whoever wrote it.
    if (sid === null || isRetained || bytes.length > limits.signalingMessageMaxBytes) return;
    this.events.emit('message', { sid, bytes });
  }
}

function encodeStatus(status: Status): Buffer {
  return Buffer.from(encodeUtf8(JSON.stringify(status)));
}

function reasonOf(error: unknown): string {
  // A refused connection over both address families is an AggregateError with an empty message of its own.
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join('; ');
  if (!(error instanceof Error)) return String(error);
  const sentence = 'code' in error ? refusals.get(error.code) : undefined;
  return sentence === undefined ? error.message : `${sentence} (${error.message})`;
}

function withoutCredentials(url: string): string {
  const parsed = new URL(url);
  parsed.username = '';
  parsed.password = '';
  return parsed.href;
}

/** A broker that hides a refusal may answer nothing at all, while it keeps the connection up. */
async function inTime(subscribed: Promise<unknown>, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('the broker did not answer the subscription')), timeoutMs);
  });
  try {
    await Promise.race([subscribed, late]);
  } finally {
    clearTimeout(timer);
  }
}

function pause(delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', finish);
      resolve();
    };
    const timer = setTimeout(finish, delayMs);
    signal.addEventListener('abort', finish);
  });
}
