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
  return guardSocket(protocol === 'mqtts:' ? connectTls({ ...target, ca, servername }) : connectTcp(target));
}

function openWebSocket(url: string, ca: string | undefined): Duplex {
  const socket = new WebSocket(url, ['mqtt'], { maxPayload: limits.brokerPacketMaxBytes, ca });
  return createWebSocketStream(socket);
}

function guardSocket(socket: Socket): Duplex {
  socket.setNoDelay(true);
  const guard = new PacketSizeGuard();
  const stream = Duplex.from({ readable: guard, writable: socket });
  socket.on('error', (error) => guard.destroy(error));
  socket.on('close', () => guard.destroy());
  guard.on('error', () => socket.destroy());
  stream.on('close', () => socket.destroy());
  socket.pipe(guard);
  return stream;
}

class PacketSizeGuard extends Transform {
  private readonly gate = new PacketGate({ packetMaxBytes: limits.brokerPacketMaxBytes, admit: () => 'pass' });

  override _transform(chunk: Uint8Array, _encoding: string, done: TransformCallback): void {
    const outcome = this.gate.push(chunk);
    for (const part of outcome.passed) this.push(part);
    done(outcome.refusal === null ? null : new Error(`the broker sent an ${outcome.refusal} packet`));
  }
}
