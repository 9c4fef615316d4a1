import { createServer, type IncomingMessage, type Server, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { BrokerLimits } from './broker-limits.ts';
import { closeServer, listen } from './listen.ts';
import { securityHeaders } from './security-headers.ts';
import type { StaticPage } from './static-page.ts';

export interface HttpListenerOptions {
  host: string;
  /** 0 = any free port. */
  port: number;
  page: StaticPage;
  limits: BrokerLimits;
  /** Whether there is a place for one more client. */
  hasRoom(): boolean;
  onWebSocket(socket: WebSocket): void;
}

const webSocketPath = '/mqtt';
const subprotocol = 'mqtt';
const headerMaxBytes = 8 * 1024;
/** Silence on a connection that serves the page, a reader that has stopped included. */
const idleTimeoutMs = 30_000;
/** How often Node looks for requests that are over their time. */
const timeoutCheckIntervalMs = 500;

/**
 * Serves the page, and MQTT over WebSocket at `/mqtt`.
 *
 * The Origin of a WebSocket is not looked at: the page may lie on any server, an anonymous client has no rights worth
 * stealing, and no cookie or other ambient right exists that a foreign page could use. What it could send is sealed for a key
 * that it does not have.
 */
export class HttpListener {
  private readonly options: HttpListenerOptions;
  private readonly server: Server;
  private readonly webSockets: WebSocketServer;

  constructor(options: HttpListenerOptions) {
    const { limits } = options;
    this.options = options;
    this.server = createServer({
      headersTimeout: limits.connectTimeoutMs,
      requestTimeout: limits.connectTimeoutMs,
      keepAliveTimeout: limits.connectTimeoutMs,
      connectionsCheckingInterval: timeoutCheckIntervalMs,
      maxHeaderSize: headerMaxBytes,
      // The page refuses such requests itself, with the headers that every answer has.
      requireHostHeader: false,
    });
    this.webSockets = new WebSocketServer({
      noServer: true,
      clientTracking: false,
      perMessageDeflate: false,
      autoPong: false,
      // A WebSocket message may hold several MQTT packets; the gate behind it looks at each.
      maxPayload: 2 * limits.packetMaxBytes,
      handleProtocols: (protocols) => (protocols.has(subprotocol) ? subprotocol : false),
    });
  }

  /** @returns the port. @throws {BrokerError} */
  async start(): Promise<number> {
    const { server } = this;
    server.maxConnections = this.options.limits.httpConnectionsMaxCount;
    server.timeout = idleTimeoutMs;
    for (const event of ['request', 'checkExpectation'] as const) {
      server.on(event, (request, response) => void this.options.page.handleRequest(request, response));
    }
    server.on('upgrade', (request, socket, head) => this.handleUpgrade(request, socket, head));
    server.on('clientError', (error, socket) => refuseRequest(socket, statusOf(error)));
    this.webSockets.on('wsClientError', (_error, socket) => refuseRequest(socket, 400));
    return await listen(server, { host: this.options.host, port: this.options.port, option: 'httpPort' });
  }

  /** Ends the requests. The WebSockets are those who took them to end. */
  async stop(): Promise<void> {
    const closed = closeServer(this.server);
    this.server.closeAllConnections();
    await closed;
  }

  private handleUpgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    const status = this.refusalOf(request);
    if (status !== null) refuseRequest(socket, status);
    else this.webSockets.handleUpgrade(request, socket, head, (webSocket) => this.options.onWebSocket(webSocket));
  }

  private refusalOf(request: IncomingMessage): number | null {
    const [path] = (request.url ?? '').split('?', 1);
    const offered = request.headers['sec-websocket-protocol']?.split(/\s*,\s*/) ?? [];
    if (path !== webSocketPath) return 404;
    if (!offered.includes(subprotocol)) return 400;
    return this.options.hasRoom() ? null : 503;
  }
}

/** Answers where no response object exists, and closes. */
function refuseRequest(socket: Duplex, status: number): void {
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const text = `${STATUS_CODES[status] ?? 'Error'}\n`;
  const headers = {
    ...securityHeaders,
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': String(text.length),
    Connection: 'close',
  };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.once('finish', () => socket.destroy());
  socket.end(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${text}`);
}

function statusOf(error: NodeJS.ErrnoException): number {
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT') return 408;
  return error.code === 'HPE_HEADER_OVERFLOW' ? 431 : 400;
}
