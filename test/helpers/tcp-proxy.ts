import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** Stands between a client and a server on this machine, and can cut or freeze what runs through it. */
export class TcpProxy {
  private readonly targetPort: number;
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private isFrozen = false;

  constructor(targetPort: number) {
    this.targetPort = targetPort;
    this.server = createServer((client) => this.join(client));
  }

  /** @returns the port to connect to */
  async start(): Promise<number> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return (this.server.address() as AddressInfo).port;
  }

  get connectionCount(): number {
    return this.sockets.size / 2;
  }

  /** Ends all connections as a router does that forgets them. */
  cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  /** Connections stay, and nothing comes through any more. */
  freeze(): void {
    this.isFrozen = true;
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private join(client: Socket): void {
    const server = connect(this.targetPort, '127.0.0.1');
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      this.sockets.add(from);
      from.on('error', () => {});
      from.on('data', (chunk) => this.isFrozen || to.write(chunk));
      from.on('close', () => {
        this.sockets.delete(from);
        to.destroy();
      });
    }
  }
}
