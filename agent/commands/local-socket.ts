import { chmod, lstat, mkdir, rm } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { dirname } from 'node:path';
import { limits } from '../../protocol/limits.ts';
import { RpcError } from '../../protocol/rpc.ts';
import { LineSplitter } from './line-splitter.ts';
import { localSocketPath, socketPathMaxBytes } from './local-socket-path.ts';
import { RpcServer, type RpcServerOptions } from './rpc-server.ts';

export class LocalSocketError extends Error {
  readonly code: 'already-running' | 'path-too-long' | 'cannot-listen';

  constructor(code: LocalSocketError['code'], message: string) {
    super(message);
    this.name = 'LocalSocketError';
    this.code = code;
  }
}

export interface LocalSocketOptions extends Pick<RpcServerOptions, 'registry' | 'nowMs' | 'logger'> {
  runtimeDir: string;
}

/** One answer on the local socket: there is no small message limit here as on a data channel. */
export const localAnswerMaxBytes = 1024 * 1024;
const connectionsMaxCount = 16;
const unreadMaxBytes = 4 * localAnswerMaxBytes;
const idleTimeoutMs = 60_000;

/**
 * Takes commands from this machine: the same JSON-RPC as on a data channel, one message a line, with role `admin` for whoever
 * may open the socket, which is the user that the agent runs as.
 */
export class LocalSocket {
  private readonly options: LocalSocketOptions;
  private readonly path: string;
  private readonly connections = new Set<Socket>();
  private server: Server | null = null;
  private connectionCount = 0;

  constructor(options: LocalSocketOptions) {
    this.options = options;
    this.path = localSocketPath(options.runtimeDir);
  }

  /** @throws LocalSocketError */
  async start(): Promise<void> {
    if (Buffer.byteLength(this.path) > socketPathMaxBytes) {
      throw new LocalSocketError(
        'path-too-long',
        `${this.path} is longer than the ${socketPathMaxBytes} bytes of a socket path; choose a shorter runtimeDir`,
      );
    }
    try {
      await mkdir(dirname(this.path), { recursive: true, mode: 0o700 });
      await this.removeStaleSocket();
      this.server = await this.listen();
      await chmod(this.path, 0o600);
    } catch (error) {
      await this.stop();
      if (error instanceof LocalSocketError) throw error;
      throw new LocalSocketError('cannot-listen', `${this.path} cannot be opened: ${(error as Error).message}`);
    }
  }

  /** Ends all connections and removes the socket. */
  async stop(): Promise<void> {
    const { server } = this;
    this.server = null;
    if (!server) return;
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of this.connections) socket.destroy();
    await closed;
  }

  // Only a socket that nobody listens on is removed, and never a file that is something else.
  private async removeStaleSocket(): Promise<void> {
    const stats = await lstat(this.path).catch(() => null);
    if (!stats?.isSocket()) return;
    if (await isAnswered(this.path)) {
      throw new LocalSocketError('already-running', `An agent is already running: it answers on ${this.path}`);
    }
    await rm(this.path, { force: true });
  }

  private listen(): Promise<Server> {
    const server = createServer((socket) => this.handleConnection(socket));
    server.maxConnections = connectionsMaxCount;
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(this.path, () => {
        server.off('error', reject);
        server.on('error', (error) => this.options.logger.error({ error }, 'the local socket failed'));
        resolve(server);
      });
    });
  }

  private handleConnection(socket: Socket): void {
    this.connections.add(socket);
    const rpc = this.buildRpcServer(socket);
    // A line somewhat too long still gets an answer that says so; one without an end is cut off.
    const splitter = new LineSplitter(2 * limits.rpcMessageMaxBytes);
    socket.on('data', (chunk) => {
      const lines = splitter.push(chunk);
      if (!lines) return socket.destroy();
      for (const line of lines) rpc.handleMessage(line);
    });
    socket.setTimeout(idleTimeoutMs, () => socket.destroy());
    // An error is followed by `close`, and whoever went away knows why.
    socket.on('error', () => {});
    socket.on('close', () => {
      rpc.close();
      this.connections.delete(socket);
    });
  }

  private buildRpcServer(socket: Socket): RpcServer {
    this.connectionCount += 1;
    const { registry, nowMs, logger } = this.options;
    return new RpcServer({
      registry,
      nowMs,
      logger,
      caller: { role: 'admin', viewerId: null, sessionId: `local-${this.connectionCount}` },
      sendMaxBytes: localAnswerMaxBytes,
      send: (text) => {
        socket.write(`${text}\n`);
        if (socket.writableLength > unreadMaxBytes) socket.destroy();
      },
      sendBulk: () => {
        throw new RpcError('unavailable', 'The local socket carries no pictures or files; ask as a viewer');
      },
    });
  }
}

function isAnswered(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    // Refused: nobody listens. Anything else (no permission, a full queue) means that somebody is there.
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'ECONNREFUSED'));
  });
}
