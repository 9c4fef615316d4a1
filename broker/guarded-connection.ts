import { Duplex } from 'node:stream';
import { type GateRefusal, PacketGate } from '../protocol/packet-gate.ts';
import { PacketRate } from './packet-rate.ts';

/** The bytes below MQTT: a TCP socket or a WebSocket. */
export interface Transport {
  /** Bytes that were handed over and not yet taken by the network. */
  readonly queuedBytes: number;
  send(bytes: Uint8Array): void;
  pause(): void;
  resume(): void;
  /** Sends what is queued, then closes; within half a second in any case. */
  close(): void;
  /** Closes now and forgets what is queued. */
  terminate(): void;
}

export type ConnectionRefusal = GateRefusal | 'slow-client';

export interface GuardedConnectionOptions {
  transport: Transport;
  packetMaxBytes: number;
  queueMaxBytes: number;
  /** The rate until {@link GuardedConnection.allowRate} raises it. */
  packetsPerSecond: number;
  /** Told once why the connection is being ended. */
  onRefused(refusal: ConnectionRefusal): void;
  /** Told how many messages were left out. */
  onDropped(count: number): void;
  nowMs(): number;
}

const readableHighWaterMarkBytes = 64 * 1024;

/**
 * What the MQTT broker sees of a client: a stream with a bound on everything that a hostile or frozen client could make grow.
 *
 * Incoming bytes pass the {@link PacketGate}. Outgoing bytes are never held back: aedes delivers a message to all subscribers
 * before it counts as done, so one client that is waited for would in the end stop all of them. A client that does not read
 * is disconnected instead.
 */
export class GuardedConnection extends Duplex {
  private readonly options: GuardedConnectionOptions;
  private readonly gate: PacketGate;
  private rate: PacketRate;
  private isRefused = false;

  constructor(options: GuardedConnectionOptions) {
    super({
      readableHighWaterMark: readableHighWaterMarkBytes,
      // Packets of one tick are corked together; below this mark that never reports back-pressure.
      writableHighWaterMark: options.queueMaxBytes,
      allowHalfOpen: false,
    });
    this.options = options;
    this.rate = new PacketRate(options.packetsPerSecond, options.nowMs);
    this.gate = new PacketGate({ packetMaxBytes: options.packetMaxBytes, admit: () => this.rate.admit() });
  }

  /** Raises the rate once it is known who this is. */
  allowRate(packetsPerSecond: number): void {
    this.rate = new PacketRate(packetsPerSecond, this.options.nowMs);
  }

  /** Bytes from the client, cut anywhere. */
  receive(bytes: Uint8Array): void {
    if (this.destroyed || this.isRefused) return;
    const { passed, droppedCount, refusal } = this.gate.push(bytes);
    let wantsMore = true;
    for (const part of passed) wantsMore = this.push(part);
    if (droppedCount > 0) this.options.onDropped(droppedCount);
    if (refusal !== null) this.refuse(refusal);
    else if (!wantsMore) this.options.transport.pause();
  }

  /** A frame below MQTT that asks for an answer, such as a WebSocket ping. @returns whether to answer it */
  receiveControlFrame(): boolean {
    const verdict = this.rate.admit();
    if (verdict === 'flood') this.refuse('flood');
    return verdict === 'pass';
  }

  /** The client has closed its side: the broker reads what is left, and the connection ends. */
  receiveEnd(): void {
    if (!this.destroyed) this.push(null);
  }

  /** Ends the connection now, for a reason that is counted. */
  refuse(refusal: ConnectionRefusal): void {
    if (this.isRefused) return;
    this.isRefused = true;
    this.options.onRefused(refusal);
    this.destroy(new Error(`client refused: ${refusal}`));
  }

  /** Ends the connection without any courtesy; for the end of the broker. */
  terminate(): void {
    this.options.transport.terminate();
    this.destroy();
  }

  override _read(): void {
    this.options.transport.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.send(chunk);
    done();
  }

  override _writev(writes: { chunk: Buffer }[], done: (error?: Error | null) => void): void {
    this.send(Buffer.concat(writes.map((write) => write.chunk)));
    done();
  }

  override _final(done: (error?: Error | null) => void): void {
    this.options.transport.close();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    if (this.isRefused) this.options.transport.terminate();
    else this.options.transport.close();
    done(error);
  }

  private send(bytes: Uint8Array): void {
    if (this.options.transport.queuedBytes + bytes.length > this.options.queueMaxBytes) this.refuse('slow-client');
    else this.options.transport.send(bytes);
  }
}
