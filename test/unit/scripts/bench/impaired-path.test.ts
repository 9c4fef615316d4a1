import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { ImpairedPath, openPath, type PathConditions } from '../../../../scripts/bench/impaired-path.ts';
import { seededRandom } from '../../../../scripts/bench/seeded-random.ts';

const headerBytes = 28;

/** A path with its own clock; `arrivals` are the moments at which packets come out, and what they carry. */
function openTestPath(conditions: Partial<PathConditions>, seed = 1) {
  const arrivals: { atMs: number; id: number; queueDelayMs: number }[] = [];
  let nowMs = 0;
  const path = new ImpairedPath<null>({
    conditions: { ...openPath, ...conditions },
    random: seededRandom(seed),
    onDeparture: ({ packet, queueDelayMs }) => arrivals.push({ atMs: nowMs, id: packet.readUInt32BE(0), queueDelayMs }),
  });
  const runUntil = (untilMs: number) => {
    for (let next = path.advance(nowMs); next !== null && next <= untilMs; next = path.advance(nowMs)) nowMs = next;
    nowMs = untilMs;
  };
  const send = (id: number, bytes: number) => {
    const packet = Buffer.alloc(bytes - headerBytes);
    packet.writeUInt32BE(id, 0);
    path.handle(packet, null, nowMs);
  };
  return { path, arrivals, runUntil, send, now: () => nowMs };
}

describe('an impaired path', () => {
  it('lets packets through at once when nothing is wrong with it', () => {
    const { arrivals, send } = openTestPath({});
    send(1, 1000);
    expect(arrivals).toEqual([{ atMs: 0, id: 1, queueDelayMs: 0 }]);
  });

  it('delays each packet by its time on the line and in flight', () => {
    const { arrivals, send, runUntil } = openTestPath({ rateKbps: 800, delayMs: 25 });
    send(1, 1000); // 10 ms at 800 kbit/s
    send(2, 1000);
    runUntil(100);
    expect(arrivals).toEqual([
      { atMs: 35, id: 1, queueDelayMs: 0 },
      { atMs: 45, id: 2, queueDelayMs: 10 },
    ]);
  });

  it('carries its rate however late it is looked at', () => {
    const { arrivals, send, path } = openTestPath({ rateKbps: 800 });
    for (let id = 0; id < 10; id += 1) send(id, 1000);
    path.advance(99);
    expect(arrivals).toHaveLength(9);
    path.advance(100);
    expect(arrivals).toHaveLength(10);
  });

  it('drops what finds no room in the queue, and counts it', () => {
    const { path, send, runUntil } = openTestPath({ rateKbps: 800, queueMaxBytes: 3000 });
    for (let id = 0; id < 10; id += 1) send(id, 1000);
    runUntil(1000);
    // One is on the line at once, three wait.
    expect(path.stats).toMatchObject({ packetsIn: 10, packetsDelivered: 4, packetsDropped: 6, packetsLost: 0 });
  });

  it('tells how long a packet would wait now', () => {
    const { path, send, runUntil } = openTestPath({ rateKbps: 800 });
    for (let id = 0; id < 5; id += 1) send(id, 1000);
    expect(path.queueDelayMs(0)).toBeCloseTo(50);
    runUntil(25);
    expect(path.queueDelayMs(25)).toBeCloseTo(25);
    runUntil(80);
    expect(path.queueDelayMs(80)).toBe(0);
  });

  it('sends what waits at the new rate when the rate changes', () => {
    const { path, arrivals, send, runUntil } = openTestPath({ rateKbps: 800 });
    send(1, 1000);
    send(2, 1000);
    runUntil(5);
    path.change({ rateKbps: 80 }, 5);
    runUntil(1000);
    // The first had been sent to the half; its landing stays, since it is under way. The line is free 5 ms x 10 later.
    expect(arrivals.map(({ atMs }) => atMs)).toEqual([10, 155]);
    path.change({ rateKbps: null }, 1000);
    send(3, 1000);
    expect(arrivals.at(-1)).toMatchObject({ atMs: 1000, id: 3 });
  });

  it('loses the share of packets asked for, and the same ones for the same seed', () => {
    const run = (seed: number) => {
      const { arrivals, send } = openTestPath({ lossFraction: 0.05 }, seed);
      for (let id = 0; id < 10_000; id += 1) send(id, 100);
      return arrivals.map(({ id }) => id);
    };
    expect(run(7)).toEqual(run(7));
    expect(run(7)).not.toEqual(run(8));
    expect(run(7).length / 10_000).toBeCloseTo(0.95, 1.9);
  });

  it('spreads the flight by the jitter and keeps the order', () => {
    const { arrivals, send, runUntil, now } = openTestPath({ delayMs: 10, jitterMs: 50 });
    for (let id = 0; id < 200; id += 1) {
      send(id, 100);
      runUntil(now() + 5);
    }
    runUntil(now() + 100);
    expect(arrivals.map(({ id }) => id)).toEqual(Array.from({ length: 200 }, (_, id) => id));
    const flightsMs = arrivals.map(({ atMs, id }) => atMs - 5 * id);
    expect(Math.min(...flightsMs)).toBeGreaterThanOrEqual(10);
    expect(Math.max(...flightsMs)).toBeLessThanOrEqual(60);
    expect(Math.max(...flightsMs) - Math.min(...flightsMs)).toBeGreaterThan(20);
  });
});
