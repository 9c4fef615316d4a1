import type { RawData, WebSocket } from 'ws';
import type { GuardedConnection, Transport } from './guarded-connection.ts';

const closeTimeoutMs = 500;
/** Clients bound what they take as one message, some below the largest packet with its header. */
const messageMaxBytes = 32 * 1024;
/** Close codes of RFC 6455 section 7.4.1. */
const normalClosure = 1000;
const unsupportedData = 1003;

/** MQTT in binary WebSocket messages, whose borders mean nothing (MQTT 3.1.1 section 6). */
export class WebSocketTransport implements Transport {
  private readonly socket: WebSocket;
  private closeTimer: NodeJS.Timeout | undefined;

  /** @param socket open, answering no pings by itself, and giving each message as one Buffer */
  constructor(socket: WebSocket) {
    this.socket = socket;
  }

  /** Leads what arrives into `connection`, which was built on this transport. @param onClosed called once, when the socket is gone */
  open(connection: GuardedConnection, onClosed: () => void): void {
    this.socket.on('message', (message: RawData, isBinary) => {
      if (isBinary) connection.receive(message as Buffer);
      // [MQTT-6.0.0-1]
      else this.refuseText(connection);
    });
    // Answered here and not by the library, which would queue pongs without end for a client that never reads them.
    this.socket.on('ping', (payload) => {
      if (connection.receiveControlFrame()) this.socket.pong(payload);
    });
    this.socket.on('error', (error: NodeJS.ErrnoException) => {
      connection.refuse(error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH' ? 'oversize' : 'malformed');
    });
    this.socket.on('close', () => {
      clearTimeout(this.closeTimer);
      connection.receiveEnd();
      onClosed();
    });
  }

  get queuedBytes(): number {
    return this.socket.bufferedAmount;
  }

  send(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length && this.socket.readyState === this.socket.OPEN; at += messageMaxBytes) {
      this.socket.send(bytes.subarray(at, at + messageMaxBytes));
    }
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  close(): void {
    if (this.socket.readyState === this.socket.CLOSED) return;
    // A paused WebSocket would never see the answer to its close frame.
    this.socket.resume();
    this.socket.close(normalClosure);
    this.closeTimer ??= setTimeout(() => this.socket.terminate(), closeTimeoutMs);
  }

  terminate(): void {
    this.socket.terminate();
  }

  private refuseText(connection: GuardedConnection): void {
    this.socket.close(unsupportedData);
    connection.destroy();
  }
}
