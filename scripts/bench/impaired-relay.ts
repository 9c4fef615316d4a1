import type { Buffer } from 'node:buffer';
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { ImpairedPath, openPath, type PathConditions, type PathStats } from './impaired-path.ts';
import { seededRandom } from './seeded-random.ts';

export type RelayDirection = 'to-viewer' | 'to-device';

export interface RelayOptions {
  /** Where the device listens, and where it believes its packets come from. */
  deviceAddress: string;
  /** The device's `ice.portRange`: one relay port leads to each. */
  devicePorts: readonly [number, number];
  /** Of the relay's own sockets. */
  address: string;
  seed?: number;
  /** Sees every packet that comes through, on the clock of `performance.now()`. */
  onPacket?(direction: RelayDirection, packet: Buffer, atMs: number): void;
}

export interface RelayDirectionStats extends PathStats {
  /** Longest wait in the queue since the last {@link ImpairedRelay.takeWorstQueueDelayMs}. */
  worstQueueDelayMs: number;
}

/** One viewer's side: a socket that the device sees in the viewer's place. */
interface Crossing {
  outer: Socket;
  viewer: { address: string; port: number };
  inner: Socket;
  devicePort: number;
}

/** As large as the system lets them be: what is lost shall be lost by the path. */
const socketOptions = { type: 'udp4', recvBufferSize: 4 * 1024 * 1024 } as const;
const directions = ['to-viewer', 'to-device'] as const;

/**
 * A piece of bad network between a device and its viewers. The device announces the relay's ports as its own
 * (`ice.announce` with `only`), so viewers know of nothing else; the relay forwards by source address, and back. Both
 * directions begin open, and all viewers share them.
 */
export class ImpairedRelay {
  private readonly options: RelayOptions;
  private readonly outers: Socket[] = [];
  private readonly crossings = new Map<string, Crossing>();
  private readonly paths: Record<RelayDirection, ImpairedPath<Crossing>>;
  private readonly worstMs: Record<RelayDirection, number> = { 'to-viewer': 0, 'to-device': 0 };
  private readonly timers: Record<RelayDirection, NodeJS.Timeout | null> = { 'to-viewer': null, 'to-device': null };
  private isStopped = false;

  constructor(options: RelayOptions) {
    this.options = options;
    const random = seededRandom(options.seed ?? 1);
    const build = (direction: RelayDirection) =>
      new ImpairedPath<Crossing>({
        conditions: openPath,
        random,
        onDeparture: ({ packet, queueDelayMs }, crossing) => {
          this.worstMs[direction] = Math.max(this.worstMs[direction], queueDelayMs);
          options.onPacket?.(direction, packet, performance.now());
          if (direction === 'to-viewer') send(crossing.outer, packet, crossing.viewer);
          else send(crossing.inner, packet, { address: options.deviceAddress, port: crossing.devicePort });
        },
      });
    this.paths = { 'to-viewer': build('to-viewer'), 'to-device': build('to-device') };
  }

  /** Listens. @returns the port that leads to the first of the device's; the next follow */
  async start(): Promise<number> {
    const [first, last] = this.options.devicePorts;
    const count = last - first + 1;
    for (let attempt = 0; attempt < 20; attempt += 1) {
      const from = await this.tryStart(first, count);
      if (from !== null) return from;
    }
    throw new Error(`no ${count} free UDP ports in a row`);
  }

  /** @throws nothing; conditions hold from the next packet on, and for what is queued */
  change(direction: RelayDirection, conditions: Partial<PathConditions>): void {
    this.paths[direction].change(conditions, performance.now());
    this.arm(direction);
  }

  stats(direction: RelayDirection): RelayDirectionStats {
    return { ...this.paths[direction].stats, worstQueueDelayMs: this.worstMs[direction] };
  }

  /** How long a packet that came now would wait. */
  queueDelayMs(direction: RelayDirection): number {
    return this.paths[direction].queueDelayMs(performance.now());
  }

  /** The longest wait that a packet had since the last call. */
  takeWorstQueueDelayMs(direction: RelayDirection): number {
    const worstMs = this.worstMs[direction];
    this.worstMs[direction] = 0;
    return worstMs;
  }

  /** Closes all sockets; packets under way are gone. Idempotent. */
  async stop(): Promise<void> {
    this.isStopped = true;
    for (const direction of directions) clearTimeout(this.timers[direction] ?? undefined);
    const inners = [...this.crossings.values()].map(({ inner }) => inner);
    this.crossings.clear();
    await Promise.all([...this.outers.splice(0), ...inners].map(closeSocket));
  }

  private async tryStart(firstDevicePort: number, count: number): Promise<number | null> {
    const first = await bind(this.options.address, 0);
    if (!first) return null;
    const from = first.address().port;
    const sockets: (Socket | null)[] = [first];
    for (let index = 1; index < count; index += 1) sockets.push(await bind(this.options.address, from + index));
    const bound = sockets.filter((socket) => socket !== null);
    if (bound.length < count) {
      await Promise.all(bound.map(closeSocket));
      return null;
    }
    for (const [index, outer] of bound.entries()) {
      outer.on('message', (packet, viewer) => this.handleFromViewer(outer, firstDevicePort + index, packet, viewer));
    }
    this.outers.push(...bound);
    return from;
  }

  private handleFromViewer(outer: Socket, devicePort: number, packet: Buffer, viewer: RemoteInfo): void {
    const key = `${devicePort} ${viewer.address} ${viewer.port}`;
    let crossing = this.crossings.get(key);
    if (!crossing) {
      crossing = this.openCrossing(outer, devicePort, viewer);
      this.crossings.set(key, crossing);
    }
    this.pass('to-device', packet, crossing);
  }

  private openCrossing(outer: Socket, devicePort: number, viewer: RemoteInfo): Crossing {
    const inner = createSocket(socketOptions);
    const crossing = { outer, inner, devicePort, viewer: { address: viewer.address, port: viewer.port } };
    inner.on('error', ignoreUnreachable);
    inner.bind(0, this.options.address);
    inner.on('message', (packet, device) => {
      if (device.port === devicePort) this.pass('to-viewer', packet, crossing);
    });
    return crossing;
  }

  private pass(direction: RelayDirection, packet: Buffer, crossing: Crossing): void {
    if (this.isStopped) return;
    this.paths[direction].handle(packet, crossing, performance.now());
    this.arm(direction);
  }

  private arm(direction: RelayDirection): void {
    const nowMs = performance.now();
    const nextMs = this.paths[direction].advance(nowMs);
    clearTimeout(this.timers[direction] ?? undefined);
    this.timers[direction] = nextMs === null ? null : setTimeout(() => this.arm(direction), nextMs - nowMs);
  }
}

function send(socket: Socket, packet: Buffer, to: { address: string; port: number }): void {
  socket.send(packet, to.port, to.address, ignoreUnreachable);
}

/** The other side of a session that has just ended. */
function ignoreUnreachable(): void {}

/** @returns null when the port is taken */
async function bind(address: string, port: number): Promise<Socket | null> {
  if (port > 65_535) return null;
  const socket = createSocket(socketOptions);
  try {
    socket.bind(port, address);
    await once(socket, 'listening');
  } catch {
    await closeSocket(socket);
    return null;
  }
  socket.on('error', ignoreUnreachable);
  return socket;
}

function closeSocket(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    try {
      socket.close(() => resolve());
    } catch {
      resolve();
    }
  });
}
