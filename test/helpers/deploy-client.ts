import { setTimeout } from 'node:timers/promises';
import mqtt, { type IClientOptions, type MqttClient } from 'mqtt';
import { onTestFinished } from 'vitest';
import { eventually } from './agent-bench.ts';

/** How long a broker may leave what it refuses without an answer. */
const silenceMs = 1_000;

export interface Account {
  username?: string;
  password?: string;
}

/** Address of a broker and the authority (PEM) that its certificate is from. */
export interface ClientTarget {
  url: string;
  ca: string;
}

/** A client of any account, with all that it hears. Ends with the test. */
export class DeployClient {
  readonly mqtt: MqttClient;
  readonly heard: { topic: string; text: string; retain: boolean }[] = [];

  private constructor(client: MqttClient) {
    this.mqtt = client;
    client.on('error', () => {});
    client.on('message', (topic, payload, { retain }) => this.heard.push({ topic, text: String(payload), retain }));
  }

  /** @throws when the broker refuses it or hangs up */
  static async connect(target: ClientTarget, account: Account, options: IClientOptions = {}): Promise<DeployClient> {
    const client = mqtt.connect(target.url, {
      protocolVersion: 4,
      reconnectPeriod: 0,
      ca: target.ca,
      ...account,
      ...options,
    });
    const connected = new Promise<void>((resolve, reject) => {
      client.once('connect', () => resolve());
      client.once('error', reject);
      client.once('close', () => reject(new Error('closed before it was connected')));
    });
    onTestFinished(() => void client.end(true));
    await connected;
    return new DeployClient(client);
  }

  get texts(): string[] {
    return this.heard.map(({ text }) => text);
  }

  /** @throws when the broker says no, or hangs up */
  async listen(...filters: string[]): Promise<this> {
    await this.orClosed(this.mqtt.subscribeAsync(filters, { qos: 1 }));
    return this;
  }

  /** Asks for a subscription that it may not have. Brokers refuse, hang up, or say yes and deliver nothing. */
  async tryToListen(filter: string): Promise<void> {
    await this.listen(filter).catch(() => {});
  }

  async say(topic: string, text: string): Promise<void> {
    await this.orClosed(this.mqtt.publishAsync(topic, text, { qos: 1 }));
  }

  /** Sends what it may not. Brokers hang up, acknowledge and drop it, or say nothing at all. */
  async tryToSay(topic: string, text: string, retain = false): Promise<void> {
    const answered = this.orClosed(this.mqtt.publishAsync(topic, text, { qos: 1, retain })).catch(() => {});
    await Promise.race([answered, setTimeout(silenceMs)]);
  }

  /** Waits until it has heard this, or the broker has hung up. */
  async untilHeardOrClosed(text: string): Promise<void> {
    await eventually(() => {
      if (this.mqtt.connected && !this.texts.includes(text)) throw new Error(`not heard: ${text}`);
    });
  }

  private orClosed(done: Promise<unknown>): Promise<void> {
    return new Promise((resolve, reject) => {
      const onClose = () => reject(new Error('the broker hung up'));
      if (!this.mqtt.connected) return onClose();
      this.mqtt.once('close', onClose);
      done.then(() => resolve(), reject).finally(() => this.mqtt.off('close', onClose));
    });
  }
}
