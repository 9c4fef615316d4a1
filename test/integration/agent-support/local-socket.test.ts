import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { defineCommand } from '../../../agent/commands/command.ts';
import { CommandRegistry } from '../../../agent/commands/command-registry.ts';
import { callLocalAgent } from '../../../agent/commands/local-client.ts';
import { LocalSocket } from '../../../agent/commands/local-socket.ts';
import { localSocketPath } from '../../../agent/commands/local-socket-path.ts';
import { FakeLogger } from '../../fakes/support-logger.ts';

let runtimeDir: string;
let path: string;
let registry: CommandRegistry;
let started: LocalSocket[];
beforeEach(async () => {
  runtimeDir = join(await mkdtemp(join(tmpdir(), 'porthole-socket-')), 'run');
  path = localSocketPath(runtimeDir);
  started = [];
  registry = new CommandRegistry();
  registry.add(
    defineCommand({
      name: 'test.who',
      title: 'Who is calling',
      role: 'admin',
      params: z.strictObject({ padding: z.string().optional() }),
      result: z.unknown(),
      run: (_params, { role, viewerId }) => ({ role, viewerId }),
    }),
  );
  registry.add(
    defineCommand({
      name: 'test.picture',
      title: 'Send a picture',
      role: 'view',
      params: z.strictObject({}),
      result: z.unknown(),
      run: (_params, { sendBulk }) => sendBulk(new Uint8Array(1), 'image/jpeg'),
    }),
  );
});
afterEach(async () => {
  await Promise.all(started.map((socket) => socket.stop()));
  await rm(join(runtimeDir, '..'), { recursive: true });
});

async function start(dir = runtimeDir): Promise<LocalSocket> {
  const socket = new LocalSocket({
    runtimeDir: dir,
    registry,
    nowMs: () => performance.now(),
    logger: new FakeLogger(),
  });
  await socket.start();
  started.push(socket);
  return socket;
}

/** A socket file that nobody listens on, as a killed process leaves it. */
async function leaveStaleSocket(): Promise<void> {
  await start();
  const { spawnSync } = await import('node:child_process');
  await started.pop()?.stop();
  const script = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
  spawnSync(process.execPath, ['-e', script]);
  expect((await stat(path)).isSocket()).toBe(true);
}

function listenAs(answer: (request: string) => string | null): Promise<Server> {
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (chunk) => {
      const text = answer(chunk.toString());
      if (text === null) socket.destroy();
      else socket.write(text);
    });
  });
  return new Promise((resolve) => server.listen(path, () => resolve(server)));
}

describe('LocalSocket', () => {
  it('runs commands as the owner, for its user alone', async () => {
    await start();
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect((await stat(runtimeDir)).mode & 0o777).toBe(0o700);
    expect(await callLocalAgent(path, 'test.who')).toEqual({ role: 'admin', viewerId: null });
  });

  it('passes on refusals with their code', async () => {
    await start();
    await expect(callLocalAgent(path, 'test.nothing')).rejects.toMatchObject({
      name: 'RpcError',
      code: 'method-not-found',
    });
    await expect(callLocalAgent(path, 'test.who', { x: 1 })).rejects.toMatchObject({ code: 'invalid-params' });
    await expect(callLocalAgent(path, 'test.picture')).rejects.toMatchObject({ code: 'unavailable' });
    const padding = 'x'.repeat(17_000);
    await expect(callLocalAgent(path, 'test.who', { padding })).rejects.toMatchObject({ code: 'too-large' });
  });

  it('hangs up on a line without an end, and goes on serving others', async () => {
    await start();
    const closed = new Promise<void>((resolve) => {
      const socket = connect(path, () => socket.write('x'.repeat(100_000)));
      socket.on('error', () => {});
      socket.on('close', () => resolve());
    });
    await closed;
    expect(await callLocalAgent(path, 'test.who')).toMatchObject({ role: 'admin' });
  });

  it('answers several requests of one connection, in pieces and together', async () => {
    await start();
    const request = (id: number) => `{"jsonrpc":"2.0","id":${id},"method":"test.who"}\n`;
    const answers = await new Promise<string>((resolve) => {
      let text = '';
      const socket = connect(path, () => socket.write(request(1).slice(0, 20)));
      socket.once('connect', () => socket.write(request(1).slice(20) + request(2)));
      socket.on('data', (chunk) => {
        text += chunk.toString();
        if (text.split('\n').length > 2) {
          socket.destroy();
          resolve(text);
        }
      });
    });
    const ids = answers
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).id);
    expect(ids).toEqual([1, 2]);
  });

  it('takes the place of a process that died', async () => {
    await leaveStaleSocket();
    await start();
    expect(await callLocalAgent(path, 'test.who')).toMatchObject({ role: 'admin' });
  });

  it('does not take the place of one that lives', async () => {
    await start();
    await expect(start()).rejects.toMatchObject({ code: 'already-running', message: expect.stringContaining(path) });
    expect(await callLocalAgent(path, 'test.who')).toMatchObject({ role: 'admin' });
  });

  it('does not remove a file that is no socket', async () => {
    await start();
    await started.pop()?.stop();
    await writeFile(path, 'precious');
    await expect(start()).rejects.toMatchObject({ code: 'cannot-listen' });
    expect(await readdir(runtimeDir)).toEqual(['agent.sock']);
  });

  it('names a path that is too long, before the system cuts it off', async () => {
    const longest = join(runtimeDir, 'x'.repeat(107 - runtimeDir.length - '//agent.sock'.length));
    expect(localSocketPath(longest)).toHaveLength(107);
    await start(longest);
    await expect(start(`${longest}x`)).rejects.toMatchObject({ code: 'path-too-long' });
  });

  it('leaves nothing behind when it stops, and drops who is connected', async () => {
    const socket = await start();
    const dropped = new Promise<void>((resolve) => {
      const client = connect(path, () => void socket.stop());
      client.on('error', () => {});
      client.on('close', () => resolve());
    });
    await dropped;
    await socket.stop();
    expect(await readdir(runtimeDir)).toEqual([]);
  });
});

describe('callLocalAgent', () => {
  it('says that no agent is running', async () => {
    await expect(callLocalAgent(path, 'test.who')).rejects.toMatchObject({ code: 'not-running' });
    await leaveStaleSocket();
    await expect(callLocalAgent(path, 'test.who')).rejects.toMatchObject({ code: 'not-running' });
  });

  it.each([
    ['hangs up', () => null, 'bad-answer'],
    ['answers nonsense', () => 'hello\n', 'bad-answer'],
    ['answers something else', () => '{"jsonrpc":"2.0","id":1}\n', 'bad-answer'],
    ['does not answer', () => '', 'timeout'],
  ] satisfies [string, () => string | null, string][])('names an agent that %s', async (_what, answer, code) => {
    await start();
    await started.pop()?.stop();
    const server = await listenAs(answer);
    await expect(callLocalAgent(path, 'test.who', {}, 100)).rejects.toMatchObject({ name: 'LocalClientError', code });
    await new Promise((resolve) => server.close(resolve));
  });
});
