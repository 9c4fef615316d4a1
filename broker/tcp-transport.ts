import type { Socket } from 'node:net';
import type { GuardedConnection, Transport } from './guarded-connection.ts';

const closeTimeoutMs = 500;

/** MQTT straight on TCP. */
export class TcpTransport implements Transport {
  private readonly socket: Socket;
  private closeTimer: NodeJS.Timeout | undefined;

  constructor(socket: Socket) {
    this.socket = socket;
  }

  /** Leads what arrives into `connection`, which was built on this transport. @param onClosed called once, when the socket is gone */
  open(connection: GuardedConnection, onClosed: () => void): void {
    this.socket.setNoDelay(true);
    this.socket.on('data', (bytes: Buffer) => connection.receive(bytes));
    this.socket.on('end', () => connection.receiveEnd());
    // A reset is no news: 'close' follows at once.
    this.socket.on('error', () => {});
    this.socket.on('close', () => {
      clearTimeout(this.closeTimer);
      connection.receiveEnd();
      onClosed();
    });
  }

  get queuedBytes(): number {
    return this.socket.writableLength;
  }

  send(bytes: Uint8Array): void {
    if (this.socket.writable) this.socket.write(bytes);
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  close(): void {
    if (this.socket.destroyed) return;
    this.socket.destroySoon();
    this.closeTimer ??= setTimeout(() => this.socket.destroy(), closeTimeoutMs);
  }

  terminate(): void {
    this.socket.destroy();
  }
}
