import { connect as connectTcp } from 'node:net';
import { Duplex } from 'node:stream';
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

/** Where a broker listens, taken from its URL. */
export interface BrokerEndpoint {
  /** A name or an IP address, without brackets. */
  host: string;
  port: number;
  isTls: boolean;
  isWebSocket: boolean;
  /** For server name indication, which takes names only (RFC 6066 section 3). */
  servername: string | undefined;
}

const defaultPorts = new Map([
  ['mqtt:', 1883],
  ['mqtts:', 8883],
  ['ws:', 80],
  ['wss:', 443],
]);

export function brokerEndpointOf(url: string): BrokerEndpoint {
  const { protocol, hostname, port } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  return {
    host,
    port: Number(port || defaultPorts.get(protocol)),
    isTls: protocol === 'mqtts:' || protocol === 'wss:',
    isWebSocket: protocol === 'ws:' || protocol === 'wss:',
    servername: /^[\d.]+$|:/.test(host) ? undefined : host,
  };
}

/**
 * A byte stream to the broker that ends when the broker announces a packet over the limit. The MQTT parser behind it would
 * buffer whatever is announced, and the broker is not trusted.
 */
export function openBrokerStream({ url, ca }: BrokerAddress): Duplex {
  return new GuardedStream(url.startsWith('ws') ? openWebSocket(url, ca) : openSocket(url, ca));
}

function openSocket(url: string, ca: string | undefined): Duplex {
  const { host, port, isTls, servername } = brokerEndpointOf(url);
  const socket = isTls ? connectTls({ host, port, ca, servername }) : connectTcp({ host, port });
  return socket.setNoDelay(true);
}

function openWebSocket(url: string, ca: string | undefined): Duplex {
  // The limit is on one message, and a packet may be spread over many.
  return createWebSocketStream(new WebSocket(url, ['mqtt'], { maxPayload: limits.brokerPacketMaxBytes, ca }));
}

/** The MQTT library tells its user of errors that have a code, and swallows all others. */
class BrokerStreamError extends Error {
  readonly code = 'broker-stream';
}

/** A stream whose incoming bytes pass the {@link PacketGate} first. */
class GuardedStream extends Duplex {
  private readonly source: Duplex;
  private readonly gate = new PacketGate({ packetMaxBytes: limits.brokerPacketMaxBytes, admit: () => 'pass' });

  constructor(source: Duplex) {
    super();
    this.source = source;
    source.on('data', (chunk) => this.handleData(chunk));
    source.on('end', () => this.push(null));
    source.on('error', (error) => this.destroy('code' in error ? error : new BrokerStreamError(error.message)));
    source.on('close', () => this.destroy());
    // A WebSocket stream that has ended for reading waits to be ended for writing. MQTT knows no such half of a connection.
    this.on('end', () => this.destroy());
  }

  override _read(): void {
    this.source.resume();
  }

  override _write(chunk: Uint8Array, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.source.write(chunk, done);
  }

  // The library writes a packet in pieces, which would each become a packet of TCP or a message of the WebSocket.
  override _writev(pieces: { chunk: Uint8Array }[], done: (error?: Error | null) => void): void {
    this.source.write(Buffer.concat(pieces.map(({ chunk }) => chunk)), done);
  }

  override _final(done: () => void): void {
    this.source.end(done);
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.source.destroy();
    done(error);
  }

  private handleData(chunk: Uint8Array): void {
    const { passed, refusal } = this.gate.push(chunk);
    for (const part of passed) if (!this.push(part)) this.source.pause();
    if (refusal !== null) this.destroy(new BrokerStreamError(`the broker sent an ${refusal} packet`));
  }
}
