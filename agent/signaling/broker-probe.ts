import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { type IClientOptions, MqttClient } from 'mqtt';
import { type BrokerProbeFailure, type BrokerStep, explainFault } from './broker-fault.ts';
import { type BrokerAddress, brokerEndpointOf, openBrokerStream } from './mqtt-stream.ts';

export interface BrokerProbeOptions {
  broker: BrokerAddress & { username?: string; password?: string };
  /** Published by the broker when the probe is cut off; the rights to it are a part of logging in. */
  will?: { topic: string; payload: string };
  /** For each step and each answer. */
  timeoutMs: number;
}

/** What became of a subscription or a publication. A broker may say `taken` and still drop everything. */
export type BrokerAnswer = 'taken' | 'refused' | 'silent' | 'closed';

export interface ProbeMessage {
  topic: string;
  payload: string;
}

/** A broker that floods a probe fills no memory: the oldest messages go, since those that are waited for are new. */
const messagesMaxCount = 100;
/** For saying goodbye; a broker that says nothing is not waited for longer than a person likes. */
const closeTimeoutMs = 1_000;

/**
 * One connection to a broker that is made only to see how far it gets: TCP, TLS and login each in a connection of its own, so that the
 * step that fails has a name. It never connects again and keeps nothing at the broker.
 */
export class BrokerProbe {
  readonly options: BrokerProbeOptions;
  private readonly messages: ProbeMessage[] = [];
  private readonly listeners = new Set<() => void>();
  private client: MqttClient | null = null;
  private isClosed = false;
  private certificateEndMs: number | null = null;

  constructor(options: BrokerProbeOptions) {
    this.options = options;
  }

  /** End of the broker's certificate, in milliseconds since 1970; null without TLS. */
  get certificateExpiresAtMs(): number | null {
    return this.certificateEndMs;
  }

  /** @returns null when the broker has let us in. Never throws */
  async open(): Promise<BrokerProbeFailure | null> {
    const { isTls } = brokerEndpointOf(this.options.broker.url);
    return (await this.tryTcp()) ?? (isTls ? await this.tryTls() : null) ?? (await this.logIn());
  }

  async subscribe(filter: string): Promise<BrokerAnswer> {
    const { client } = this;
    if (!client || this.isClosed) return 'closed';
    return this.answerTo((done) =>
      client.subscribe(filter, { qos: 1 }, (error, granted) =>
        done(error || granted?.some(({ qos }) => qos > 2) ? 'refused' : 'taken'),
      ),
    );
  }

  /** At least once. MQTT 3.1.1 has no other way to refuse than to close the connection, so `closed` is a refusal. */
  async publish(topic: string, payload: string, options: { isRetained: boolean }): Promise<BrokerAnswer> {
    const { client } = this;
    if (!client || this.isClosed) return 'closed';
    return this.answerTo((done) =>
      client.publish(topic, payload, { qos: 1, retain: options.isRetained }, (error) =>
        done(error ? 'refused' : 'taken'),
      ),
    );
  }

  /** A message that has come or comes in time; null when none does. */
  async receive(isWanted: (message: ProbeMessage) => boolean): Promise<ProbeMessage | null> {
    const find = () => this.messages.find(isWanted) ?? null;
    return new Promise((resolve) => {
      const finish = () => {
        clearTimeout(timer);
        this.listeners.delete(look);
        resolve(find());
      };
      const look = () => {
        if (find() || this.isClosed) finish();
      };
      const timer = setTimeout(finish, this.options.timeoutMs);
      this.listeners.add(look);
      look();
    });
  }

  /** Says goodbye, so that the last will is not published, and resolves when the connection is gone. */
  async close(): Promise<void> {
    const { client } = this;
    this.client = null;
    if (!client) return;
    const timer = setTimeout(() => client.end(true), closeTimeoutMs);
    await client.endAsync().catch(() => {});
    clearTimeout(timer);
  }

  private tryTcp(): Promise<BrokerProbeFailure | null> {
    const { host, port } = brokerEndpointOf(this.options.broker.url);
    return this.tryConnection('tcp', connectTcp({ host, port }), 'connect');
  }

  private async tryTls(): Promise<BrokerProbeFailure | null> {
    const { host, port, servername } = brokerEndpointOf(this.options.broker.url);
    const socket = connectTls({ host, port, servername, ca: this.options.broker.ca });
    socket.once('secureConnect', () => {
      const end = Date.parse(socket.getPeerCertificate().valid_to);
      this.certificateEndMs = Number.isNaN(end) ? null : end;
    });
    return this.tryConnection('tls', socket, 'secureConnect');
  }

  private tryConnection(step: BrokerStep, socket: Socket, event: string): Promise<BrokerProbeFailure | null> {
    return new Promise((resolve) => {
      const finish = (failure: BrokerProbeFailure | null) => {
        clearTimeout(timer);
        socket.destroy();
        resolve(failure);
      };
      const timer = setTimeout(() => finish({ step, fault: 'silent', reason: 'no answer' }), this.options.timeoutMs);
      socket.on('error', (error) => finish({ step, ...explainFault(error) }));
      socket.once('close', () => finish({ step, fault: 'closed', reason: 'the connection was closed' }));
      socket.once(event, () => finish(null));
    });
  }

  private logIn(): Promise<BrokerProbeFailure | null> {
    const client = this.buildClient();
    this.client = client;
    return new Promise((resolve) => {
      const finish = (failure: Omit<BrokerProbeFailure, 'step'> | null) => {
        clearTimeout(timer);
        if (failure) client.end(true);
        resolve(failure && { step: 'login', ...failure });
      };
      const timer = setTimeout(() => finish({ fault: 'silent', reason: 'no answer' }), this.options.timeoutMs);
      client.once('connect', () => finish(null));
      client.on('error', (error) => finish(explainFault(error)));
      client.on('message', (topic, payload) => {
        this.messages.push({ topic, payload: payload.toString() });
        if (this.messages.length > messagesMaxCount) this.messages.shift();
        this.tell();
      });
      client.once('close', () => {
        this.isClosed = true;
        this.tell();
        finish({ fault: 'closed', reason: 'the connection was closed' });
      });
      client.connect();
    });
  }

  private buildClient(): MqttClient {
    const { broker, will, timeoutMs } = this.options;
    const options: IClientOptions = {
      protocolVersion: 4,
      clean: true,
      clientId: `porthole-doctor-${Math.random().toString(36).slice(2, 10)}`,
      connectTimeout: timeoutMs,
      reconnectPeriod: 0,
      manualConnect: true,
      username: broker.username,
      password: broker.password,
      will: will && { ...will, payload: Buffer.from(will.payload), qos: 1, retain: true },
    };
    return new MqttClient(() => openBrokerStream(broker), options);
  }

  private answerTo(ask: (done: (answer: BrokerAnswer) => void) => void): Promise<BrokerAnswer> {
    return new Promise((resolve) => {
      const finish = (answer: BrokerAnswer) => {
        clearTimeout(timer);
        this.listeners.delete(look);
        resolve(answer);
      };
      const look = () => this.isClosed && finish('closed');
      const timer = setTimeout(() => finish('silent'), this.options.timeoutMs);
      this.listeners.add(look);
      // The library fails what is under way when the connection ends; that is told apart by the connection.
      ask((answer) => finish(answer === 'refused' && this.isClosed ? 'closed' : answer));
    });
  }

  private tell(): void {
    for (const listener of [...this.listeners]) listener();
  }
}
