import { randomUUID } from 'node:crypto';
import type { AedesOptions, Client, ConnectPacket, PublishPacket, Subscription } from 'aedes';
import type { Authenticator } from './authenticator.ts';
import { type Identity, refusePublish, refuseSubscribe } from './broker-access.ts';
import type { BrokerLimits } from './broker-limits.ts';
import type { Incident } from './incident-report.ts';
import type { Logger } from './logger.ts';

export interface AccessHooksOptions {
  topicPrefix: string;
  authenticator: Authenticator;
  limits: BrokerLimits;
  logger: Logger;
  /** Whether the places for anonymous clients are taken. */
  isFull(): boolean;
  /** Called once it is known that the client has a password. */
  onTrusted(client: Client): void;
  onIncident(incident: Incident): void;
}

type Hooks = Required<
  Pick<AedesOptions, 'preConnect' | 'authenticate' | 'authorizePublish' | 'authorizeSubscribe' | 'published'>
>;

/** What is known of a client beyond what aedes keeps. */
interface ClientState {
  will: ConnectPacket['will'];
  identity: Identity | null;
  filters: Set<string>;
  refusedFilters: number;
}

/** CONNACK return codes (MQTT 3.1.1 section 3.2.2.3). */
const returnCodes = { serverUnavailable: 3, badCredentials: 4, notAuthorized: 5 } as const;

/** The policy of {@link refusePublish} and {@link refuseSubscribe}, put into the hooks that aedes calls. */
export class AccessHooks {
  private readonly options: AccessHooksOptions;
  private readonly states = new WeakMap<Client, ClientState>();
  private readonly retainedTopics = new Set<string>();

  constructor(options: AccessHooksOptions) {
    this.options = options;
  }

  buildHooks(): Hooks {
    return {
      preConnect: (client, packet, done) => {
        this.handleConnect(client, packet);
        done(null, true);
      },
      authenticate: (client, username, password, done) => {
        this.logIn(client, username, password).then(
          (returnCode) => done(returnCode === null ? null : connectError(returnCode), returnCode === null),
          (error: unknown) => {
            this.options.logger.error({ error }, 'a password could not be checked');
            done(connectError(returnCodes.serverUnavailable), false);
          },
        );
      },
      authorizePublish: (client, packet, done) => done(this.authorizePublish(client, packet)),
      authorizeSubscribe: (client, subscription, done) => {
        const outcome = this.authorizeSubscribe(client, subscription);
        if (outcome instanceof Error) done(outcome);
        else done(null, outcome);
      },
      published: (packet, _client, done) => {
        if (packet.retain && packet.payload.length === 0) this.retainedTopics.delete(packet.topic);
        done();
      },
    };
  }

  /** A client has ended subscriptions. */
  handleUnsubscribe(filters: string[], client: Client): void {
    const state = this.states.get(client);
    for (const filter of filters) state?.filters.delete(filter);
  }

  private handleConnect(client: Client, packet: ConnectPacket): void {
    const { keepaliveMaxSeconds } = this.options.limits;
    // A stored session would queue messages without end for somebody who never comes back.
    packet.clean = true;
    if (!packet.keepalive || packet.keepalive > keepaliveMaxSeconds) packet.keepalive = keepaliveMaxSeconds;
    // Taking over a client id disconnects its holder [MQTT-3.1.4-2], so each name has ids of its own and the nameless one each.
    packet.clientId = isAnonymous(packet.username)
      ? `anonymous:${randomUUID()}`
      : `${packet.username}:${packet.clientId || randomUUID()}`;
    this.states.set(client, { will: packet.will, identity: null, filters: new Set(), refusedFilters: 0 });
  }

  /** @returns the return code of the refusal, or null */
  private async logIn(
    client: Client,
    username: string | undefined,
    password: Uint8Array | undefined,
  ): Promise<number | null> {
    const outcome = await this.options.authenticator.authenticate(
      isAnonymous(username) ? undefined : username,
      password,
    );
    const returnCode = outcome.ok ? this.admit(client, outcome.value) : refusalReturnCodes[outcome.error];
    if (returnCode !== null) {
      this.options.onIncident(returnCode === returnCodes.serverUnavailable ? 'too-many-clients' : 'login-refused');
      this.options.logger.debug({ returnCode }, 'connection refused');
    }
    return returnCode;
  }

  private admit(client: Client, identity: Identity): number | null {
    const state = this.states.get(client);
    if (state === undefined) return returnCodes.notAuthorized;
    if (state.will !== undefined && this.refusalOf(identity, state.will) !== null) return returnCodes.notAuthorized;
    if (identity.kind !== 'anonymous') this.options.onTrusted(client);
    else if (this.options.isFull()) return returnCodes.serverUnavailable;
    state.identity = identity;
    return null;
  }

  /** An error ends the connection: MQTT 3.1.1 knows no other way to refuse a message (section 3.3.5). */
  private authorizePublish(client: Client | null, packet: PublishPacket): Error | null {
    const identity = client === null ? undefined : this.states.get(client)?.identity;
    const refusal = identity ? this.refusalOf(identity, packet) : 'topic-forbidden';
    if (refusal === null) return this.reserveRetained(packet);
    this.options.onIncident('publish-refused');
    return new Error(`publish refused: ${refusal}`);
  }

  private refusalOf(identity: Identity, message: NonNullable<ConnectPacket['will']> | PublishPacket) {
    return refusePublish(this.options.topicPrefix, identity, {
      topic: message.topic,
      retain: message.retain ?? false,
      qos: message.qos ?? 0,
      payloadBytes: Buffer.byteLength(message.payload),
    });
  }

  private reserveRetained(packet: PublishPacket): Error | null {
    if (!packet.retain || packet.payload.length === 0 || this.retainedTopics.has(packet.topic)) return null;
    if (this.retainedTopics.size >= this.options.limits.retainedMaxCount) return new Error('too many retained topics');
    this.retainedTopics.add(packet.topic);
    return null;
  }

  /** No subscription in the answer gives the return code 0x80 in the SUBACK; an error ends the connection. */
  private authorizeSubscribe(client: Client, subscription: Subscription): Subscription | Error | null {
    const state = this.states.get(client);
    if (!state?.identity) return new Error('not connected');
    const { subscriptionsMaxCount } = this.options.limits;
    const isAllowed = refuseSubscribe(this.options.topicPrefix, state.identity, subscription.topic) === null;
    const hasRoom = state.filters.size < subscriptionsMaxCount || state.filters.has(subscription.topic);
    if (isAllowed && hasRoom) {
      state.filters.add(subscription.topic);
      return subscription;
    }
    this.options.onIncident('subscribe-refused');
    state.refusedFilters += 1;
    return state.refusedFilters > subscriptionsMaxCount ? new Error('too many refused subscriptions') : null;
  }
}

const refusalReturnCodes = {
  'bad-credentials': returnCodes.badCredentials,
  overloaded: returnCodes.serverUnavailable,
} as const;

function isAnonymous(username: string | undefined | null): boolean {
  return username === undefined || username === null;
}

function connectError(returnCode: number) {
  return Object.assign(new Error(`connection refused with return code ${returnCode}`), { returnCode });
}
