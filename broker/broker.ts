import type { EventEmitter } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { Aedes, type Client } from 'aedes';
import type { WebSocket } from 'ws';
import { defaultTopicPrefix, isTopicPrefix } from '../protocol/topics.ts';
import { AccessHooks } from './access-hooks.ts';
import { type AgentCredentials, Authenticator } from './authenticator.ts';
import type { User } from './broker-access.ts';
import { BrokerError } from './broker-error.ts';
import { type BrokerLimits, defaultBrokerLimits } from './broker-limits.ts';
import { GuardedConnection, type Transport } from './guarded-connection.ts';
import { HttpListener } from './http-listener.ts';
import { type Incident, IncidentReport } from './incident-report.ts';
import { closeServer, listen } from './listen.ts';
import type { Logger } from './logger.ts';
import { StaticPage } from './static-page.ts';
import { TcpTransport } from './tcp-transport.ts';
import { WebSocketTransport } from './web-socket-transport.ts';

export interface BrokerOptions {
  /** Address to listen on, 127.0.0.1 when left out. `0.0.0.0` and `::` need `lan`. */
  host?: string;
  /** Listen on all interfaces. */
  lan?: boolean;
  /** Port of the page and of MQTT over WebSocket; 0 = any free port. */
  httpPort: number;
  /** Port of MQTT over TCP; 0 = any free port. */
  mqttPort: number;
  /** The built page; without one only `/mqtt` is served. */
  pageDir?: string;
  /** First level or levels of all topics, `porthole` when left out. */
  topicPrefix?: string;
  users?: readonly User[];
  agentCredentials?: AgentCredentials;
  limits?: Partial<BrokerLimits>;
  logger: Logger;
}

export interface BrokerPorts {
  httpPort: number;
  mqttPort: number;
}

type State = 'new' | 'running' | 'stopped';

/** An MQTT 3.1.1 broker over TCP and WebSocket, and the server of the page, in one process. */
export class Broker {
  private readonly options: BrokerOptions;
  private readonly limits: BrokerLimits;
  private readonly incidents: IncidentReport;
  private readonly connections = new Set<GuardedConnection>();
  private state: State = 'new';
  private aedes: Aedes | null = null;
  private http: HttpListener | null = null;
  private mqtt: Server | null = null;
  private opening: Promise<BrokerPorts> | null = null;
  private stopping: Promise<void> | null = null;

  constructor(options: BrokerOptions) {
    this.options = options;
    this.limits = { ...defaultBrokerLimits, ...options.limits };
    this.incidents = new IncidentReport(options.logger);
  }

  /**
   * Opens both ports.
   * @throws {BrokerError} when an option is wrong or a port cannot be opened; nothing stays open then
   */
  async start(): Promise<BrokerPorts> {
    if (this.state !== 'new') throw BrokerError.alreadyStarted();
    const host = this.resolveHost();
    this.state = 'running';
    this.opening = this.openPorts(host);
    try {
      return await this.opening;
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Closes all clients and both ports, within a second. May be called at any time and more than once. */
  stop(): Promise<void> {
    this.stopping ??= this.close();
    return this.stopping;
  }

  /** How often clients were refused or limited since the start. */
  incidentCount(incident: Incident): number {
    return this.incidents.total(incident);
  }

  /** Open connections, those that have not said CONNECT yet included. */
  get clientCount(): number {
    return this.connections.size;
  }

  private resolveHost(): string {
    const { host, lan = false, topicPrefix = defaultTopicPrefix } = this.options;
    if (!isTopicPrefix(topicPrefix)) throw BrokerError.topicPrefixInvalid(topicPrefix);
    if (host === undefined) return lan ? '0.0.0.0' : '127.0.0.1';
    if (!lan && (host === '0.0.0.0' || host === '::')) throw BrokerError.lanNotAsked(host);
    return host;
  }

  private async openPorts(host: string): Promise<BrokerPorts> {
    const { logger, pageDir } = this.options;
    this.aedes = await this.buildAedes();
    this.http = new HttpListener({
      host,
      port: this.options.httpPort,
      page: new StaticPage({ pageDir, logger }),
      limits: this.limits,
      hasRoom: () => this.hasRoom(),
      onWebSocket: (socket) => this.acceptWebSocket(socket),
    });
    const httpPort = await this.http.start();
    this.mqtt = createServer((socket) => this.acceptTcp(socket));
    const mqttPort = await listen(this.mqtt, { host, port: this.options.mqttPort, option: 'mqttPort' });
    logger.info({ host, httpPort, mqttPort }, 'broker is listening');
    return { httpPort, mqttPort };
  }

  private async buildAedes(): Promise<Aedes> {
    const { topicPrefix = defaultTopicPrefix, users = [], agentCredentials, logger } = this.options;
    const hooks = new AccessHooks({
      topicPrefix,
      authenticator: new Authenticator({ users, agentCredentials }),
      limits: this.limits,
      logger,
      isFull: () => this.connections.size > this.limits.clientsMaxCount,
      onTrusted: ({ conn }) => {
        if (conn instanceof GuardedConnection) conn.allowRate(this.limits.trustedPacketsPerSecond);
      },
      onIncident: (incident) => this.incidents.count(incident),
    });
    const aedes = await Aedes.createBroker({
      ...hooks.buildHooks(),
      // No bound on deliveries under way: none of them can wait for a client, and aedes warns on stderr at its bound.
      concurrency: 0,
      connectTimeout: this.limits.connectTimeoutMs,
      maxInflightInbound: this.limits.unreleasedMaxCount,
    });
    aedes.on('unsubscribe', (filters, client) => hooks.handleUnsubscribe(filters, client));
    aedes.on('clientError', (client, error) => this.logClientError(client, error));
    aedes.on('connectionError', (client, error) => this.logClientError(client, error));
    // Missing in the types of aedes; without a listener it would end the process.
    (aedes as EventEmitter).on('error', (error) => logger.error({ error }, 'broker error'));
    return aedes;
  }

  private hasRoom(): boolean {
    const hasRoom = this.connections.size < this.limits.clientsMaxCount + this.limits.reservedClientsMaxCount;
    if (!hasRoom) this.incidents.count('too-many-clients');
    return hasRoom && this.stopping === null;
  }

  private acceptTcp(socket: Socket): void {
    if (!this.hasRoom()) {
      socket.destroy();
      return;
    }
    const transport = new TcpTransport(socket);
    this.accept(transport, (connection, onClosed) => transport.open(connection, onClosed));
  }

  private acceptWebSocket(socket: WebSocket): void {
    const transport = new WebSocketTransport(socket);
    this.accept(transport, (connection, onClosed) => transport.open(connection, onClosed));
  }

  private accept(transport: Transport, open: (connection: GuardedConnection, onClosed: () => void) => void): void {
    const connection = new GuardedConnection({
      transport,
      packetMaxBytes: this.limits.packetMaxBytes,
      queueMaxBytes: this.limits.queueMaxBytes,
      packetsPerSecond: this.limits.anonymousPacketsPerSecond,
      onRefused: (refusal) => this.incidents.count(refusal),
      onDropped: (count) => this.incidents.count('dropped', count),
      nowMs: () => performance.now(),
    });
    this.connections.add(connection);
    open(connection, () => this.connections.delete(connection));
    this.aedes?.handle(connection);
  }

  private logClientError(client: Client, error: Error): void {
    this.options.logger.debug({ client: client.id, reason: error.message }, 'client disconnected');
  }

  private async close(): Promise<void> {
    const wasRunning = this.state === 'running';
    this.state = 'stopped';
    // A port that is just being opened can only be closed once it is.
    await this.opening?.catch(() => {});
    const closed = Promise.all([this.http?.stop(), this.mqtt === null ? undefined : closeServer(this.mqtt)]);
    for (const connection of this.connections) connection.terminate();
    await closed;
    const { aedes } = this;
    if (aedes !== null) await new Promise<void>((resolve) => aedes.close(() => resolve()));
    this.incidents.close();
    if (wasRunning) this.options.logger.info({}, 'broker has stopped');
  }
}
