import { connect as connectTcp, type Socket } from 'node:net';
import { Duplex, Transform, type TransformCallback } from 'node:stream';
import { connect as connectTls } from 'node:tls';
import { createWebSocketStream, WebSocket } from 'ws';
import { limits } from '../../protocol/limits.ts';
import { PacketGate } from '../../protocol/packet-gate.ts';

export interface BrokerAddress {
  /** `mqtt://`, `mqtts://`, `ws://` or `wss://`. */
  url: string;
  /** Certificates (PEM) to trust in place of the system's. */
  ca?: string;
}

const defaultPorts = new Map([
  ['mqtt:', 1883],
  ['mqtts:', 8883],
]);

/**
 * A byte stream to the broker that ends when the broker announces a packet over the limit. The MQTT parser behind it would
 * buffer whatever is announced, and the broker is not trusted.
 */
export function openBrokerStream({ url, ca }: BrokerAddress): Duplex {
  const { protocol, hostname, port } = new URL(url);
  if (protocol === 'ws:' || protocol === 'wss:') return openWebSocket(url, ca);
  const host = hostname.replace(/^\[|\]$/g, '');
  const target = { host, port: Number(port || defaultPorts.get(protocol)) };
  // Server name indication takes names only (RFC 6066 section 3).
  const servername = /^[\d.]+$|:/.test(host) ? undefined : host;
  return new GuardedSocket(protocol === 'mqtts:' ? connectTls({ ...target, ca, servername }) : connectTcp(target));
}

function openWebSocket(url: string, ca: string | undefined): Duplex {
  const socket = new WebSocket(url, ['mqtt'], { maxPayload: limits.brokerPacketMaxBytes, ca });
  return createWebSocketStream(socket);
}

/** A socket whose incoming bytes pass the {@link PacketGate} first. */
class GuardedSocket extends Duplex {
  private readonly socket: Socket;
  private readonly gate = new PacketGate({ packetMaxBytes: limits.brokerPacketMaxBytes, admit: () => 'pass' });

  constructor(socket: Socket) {
    super();
    this.socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk) => this.handleData(chunk));
    socket.on('end', () => this.push(null));
    socket.on('error', (error) => this.destroy(error));
    socket.on('close', () => this.destroy());
  }

  override _read(): void {
    this.socket.resume();
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.socket.write(chunk, done);
  }

  override _final(done: () => void): void {
    this.socket.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.socket.destroy();
    done(error);
  }

  private handleData(chunk: Uint8Array): void {
    const { passed, refusal } = this.gate.push(chunk);
    for (const part of passed) if (!this.push(part)) this.socket.pause();
    if (refusal !== null) this.destroy(new Error(`the broker sent an ${refusal} packet`));
  }
}
