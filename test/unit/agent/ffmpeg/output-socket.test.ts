import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { connect, Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { NutPacket } from '../../../../agent/ffmpeg/nut-reader.ts';
import { OutputSocket } from '../../../../agent/ffmpeg/output-socket.ts';
import { frame, mainHeader, nutStream, streamHeader } from '../../../helpers/nut-bytes.ts';

const packet = frame({ flags: 1, streamIndex: 0, codedPts: 128, size: 3, data: Buffer.from('abc') });
const stream = nutStream(mainHeader({ streamCount: 1 }), streamHeader(0, 0), packet);

let folder: string;
let path: string;
let socket: OutputSocket;
let events: string[];
let onEvent: () => void;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'porthole-socket-'));
  path = join(folder, 'out.sock');
  events = [];
  onEvent = () => {};
  const add = (event: string) => {
    events.push(event);
    onEvent();
  };
  socket = new OutputSocket({
    path,
    onConnected: () => add('connected'),
    onPacket: ({ data }: NutPacket) => add(`packet ${data.toString()}`),
    onError: (error) => add(`error ${error.message}`),
  });
});

afterEach(async () => {
  await socket.close();
  await rm(folder, { recursive: true });
});

const untilEvents = (count: number) =>
  new Promise<void>((resolve) => {
    onEvent = () => events.length >= count && resolve();
    onEvent();
  });

async function connectTo(socketPath: string): Promise<Socket> {
  const connection = connect(socketPath);
  await once(connection, 'connect');
  return connection;
}

describe('OutputSocket', () => {
  it('reads packets from the connection of ffmpeg', async () => {
    await socket.open();
    expect(socket.target).toBe(`unix:${path}`);
    (await connectTo(path)).end(stream);
    await untilEvents(2);
    expect(events).toEqual(['connected', 'packet abc']);
  });

  it('takes no second connection', async () => {
    await socket.open();
    const first = await connectTo(path);
    await untilEvents(1);
    const second = await connectTo(path);
    second.resume();
    await once(second, 'close');
    first.end(stream);
    await untilEvents(2);
    expect(events).toEqual(['connected', 'packet abc']);
  });

  it('reports junk once and hangs up', async () => {
    await socket.open();
    const connection = await connectTo(path);
    connection.on('error', () => {});
    connection.resume();
    connection.write('junk');
    await once(connection, 'close');
    expect(events).toEqual(['connected', expect.stringContaining('error')]);
  });

  it('reports once that connections cannot be taken, however often the system says so', async () => {
    const listen = vi.spyOn(Server.prototype, 'listen');
    await socket.open();
    const server = listen.mock.contexts[0] as Server;
    listen.mockRestore();
    for (let time = 0; time < 2; time += 1) server.emit('error', new Error('accept EMFILE'));
    expect(events).toEqual(['error accept EMFILE']);
  });

  it('replaces the file that a killed agent left, and leaves none itself', async () => {
    await writeFile(path, '');
    await socket.open();
    await socket.close();
    await socket.close();
    expect(await readdir(folder)).toEqual([]);
  });

  it('refuses a path that a socket address cannot hold, by name', async () => {
    const long = new OutputSocket({
      path: join(folder, 'x'.repeat(100)),
      onConnected: () => {},
      onPacket: () => {},
      onError: () => {},
    });
    await expect(long.open()).rejects.toMatchObject({ code: 'socket-path-too-long' });
  });
});
