import { once } from 'node:events';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { type IncomingHttpHeaders, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { connectRawTcp, eventually, startBroker } from './broker-under-test.ts';

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  text: string;
}

let folder = '';
let pageDir = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'porthole-page-'));
  pageDir = join(folder, 'page');
  await mkdir(join(pageDir, 'assets'), { recursive: true });
  await writeFile(join(folder, 'secret.txt'), 'secret');
  await writeFile(join(pageDir, 'index.html'), '<!doctype html><title>page</title>');
  await writeFile(join(pageDir, 'icon.svg'), '<svg/>');
  await writeFile(join(pageDir, '.hidden'), 'hidden');
  await writeFile(join(pageDir, 'assets', 'app-1a2b.js'), 'export {};');
  await symlink(join(folder, 'secret.txt'), join(pageDir, 'link.txt'));
});

afterAll(() => rm(folder, { recursive: true }));

/** A request whose target goes out as it is, unlike with fetch. */
async function ask(port: number, target: string, options: { method?: string; headers?: Record<string, string> } = {}) {
  const sent = request({ host: '127.0.0.1', port, path: target, agent: false, ...options });
  sent.end();
  const [response] = await once(sent, 'response');
  let text = '';
  for await (const chunk of response) text += chunk;
  return { status: response.statusCode, headers: response.headers, text } as Answer;
}

function expectStrictHeaders(headers: IncomingHttpHeaders): void {
  const policy = String(headers['content-security-policy']).split('; ');
  expect(policy).toEqual(
    expect.arrayContaining(["default-src 'none'", "script-src 'self'", "base-uri 'none'", "form-action 'none'"]),
  );
  expect(policy).toContain("connect-src 'self' ws: wss:");
  expect(String(headers['content-security-policy'])).not.toMatch(/unsafe|\*|https?:/);
  expect(headers).toMatchObject({
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'permissions-policy': 'camera=(), geolocation=(), microphone=(self), fullscreen=(self)',
  });
  expect(headers.server).toBeUndefined();
  expect(headers['x-powered-by']).toBeUndefined();
}

describe('the page', () => {
  test.each([
    ['/', 'text/html; charset=utf-8', '<!doctype html><title>page</title>', 'no-cache'],
    ['/index.html?v=1', 'text/html; charset=utf-8', '<!doctype html><title>page</title>', 'no-cache'],
    ['/icon.svg', 'image/svg+xml', '<svg/>', 'no-cache'],
    ['/assets/app-1a2b.js', 'text/javascript; charset=utf-8', 'export {};', 'public, max-age=31536000, immutable'],
  ])('%s is served', async (target, type, text, cacheControl) => {
    const { httpPort } = await startBroker({ pageDir });
    const answer = await ask(httpPort, target);
    expect(answer).toMatchObject({ status: 200, text });
    expect(answer.headers).toMatchObject({ 'content-type': type, 'cache-control': cacheControl });
    expectStrictHeaders(answer.headers);
  });

  test('is sent once while it does not change', async () => {
    const { httpPort } = await startBroker({ pageDir });
    const first = await ask(httpPort, '/');
    const etag = String(first.headers.etag);
    const second = await ask(httpPort, '/', { headers: { 'If-None-Match': `"other", ${etag}` } });
    expect(second).toMatchObject({ status: 304, text: '' });
    expectStrictHeaders(second.headers);
    expect((await ask(httpPort, '/', { headers: { 'If-None-Match': '"other"' } })).status).toBe(200);
  });

  test('answers HEAD with the headers alone', async () => {
    const { httpPort } = await startBroker({ pageDir });
    const answer = await ask(httpPort, '/', { method: 'HEAD' });
    expect(answer).toMatchObject({ status: 200, text: '', headers: { 'content-length': '34' } });
  });

  test.each([
    ['/../secret.txt', 400],
    ['/assets/../../secret.txt', 400],
    ['/%2e%2e/secret.txt', 400],
    ['/..%2fsecret.txt', 400],
    ['/..%5csecret.txt', 400],
    ['/%00', 400],
    ['//etc/passwd', 404],
    ['/link.txt', 404],
    ['/.hidden', 404],
    ['/assets', 404],
    ['/assets/', 404],
    ['/nothing.js', 404],
    ['/index.html/x', 404],
    [`/${'x'.repeat(4_000)}`, 404],
    ['/mqtt', 404],
  ])('%s is refused with %i', async (target, status) => {
    const { httpPort } = await startBroker({ pageDir });
    const answer = await ask(httpPort, target);
    expect(answer.status).toBe(status);
    expect(answer.text).toMatch(/^[A-Z][a-z ]+\n$/);
    expect(answer.headers['content-type']).toBe('text/plain; charset=utf-8');
    expectStrictHeaders(answer.headers);
  });

  test.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'TRACE'])('%s is refused', async (method) => {
    const { httpPort } = await startBroker({ pageDir });
    const answer = await ask(httpPort, '/', { method });
    expect(answer).toMatchObject({ status: 405, headers: { allow: 'GET, HEAD', connection: 'close' } });
    expectStrictHeaders(answer.headers);
  });

  test('is missing where none was given', async () => {
    const { httpPort } = await startBroker();
    expect((await ask(httpPort, '/')).status).toBe(404);
  });

  test('in a folder that does not exist is missing', async () => {
    const { httpPort } = await startBroker({ pageDir: join(folder, 'unbuilt') });
    expect((await ask(httpPort, '/')).status).toBe(404);
  });
});

describe('the HTTP listener', () => {
  const textOf = (received: number[]) => Buffer.from(received).toString();

  test.each([
    ['that is no HTTP', 'hello\r\n\r\n', /^HTTP\/1.1 400 /],
    ['with headers without end', `GET / HTTP/1.1\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`, /^HTTP\/1.1 431 /],
    [
      'that expects what is not offered',
      'GET /x HTTP/1.1\r\nHost: x\r\nExpect: tea\r\nConnection: close\r\n\r\n',
      /^HTTP\/1.1 404 /,
    ],
    ['without a Host', 'GET / HTTP/1.1\r\nConnection: close\r\n\r\n', /^HTTP\/1.1 400 /],
  ])('refuses a request %s', async (_what, text, expected) => {
    const { httpPort } = await startBroker({ pageDir });
    const raw = await connectRawTcp(httpPort);
    raw.send(Buffer.from(text));
    await eventually(() => expect(textOf(raw.received)).toMatch(expected));
    expect(textOf(raw.received)).toContain("Content-Security-Policy: default-src 'none'");
    await eventually(() => expect(raw.isClosed()).toBe(true));
  });

  test.each([
    ['says nothing', ''],
    ['never ends its headers', 'GET / HTTP/1.1\r\nHost: x\r\nX-A: '],
    ['never ends its upgrade', 'GET /mqtt HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n'],
  ])('closes a connection that %s', async (_what, text) => {
    const { httpPort } = await startBroker({ pageDir, limits: { connectTimeoutMs: 200 } });
    const raw = await connectRawTcp(httpPort);
    raw.send(Buffer.from(text));
    await eventually(() => expect(raw.isClosed()).toBe(true));
  });

  test.each([
    ['another path', '/other', 'mqtt', 404],
    ['the page', '/', 'mqtt', 404],
    ['another subprotocol', '/mqtt', 'chat', 400],
    ['no subprotocol', '/mqtt', '', 400],
  ])('refuses a WebSocket for %s', async (_what, path, subprotocol, status) => {
    const { httpPort } = await startBroker({ pageDir });
    const socket = new WebSocket(`ws://127.0.0.1:${httpPort}${path}`, subprotocol === '' ? [] : [subprotocol]);
    const [, response] = await once(socket, 'unexpected-response');
    expect(response.statusCode).toBe(status);
    expectStrictHeaders(response.headers);
    response.destroy();
  });

  test('refuses an upgrade that is no WebSocket', async () => {
    const { httpPort } = await startBroker({ pageDir });
    const headers = { Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Protocol': 'mqtt' };
    const answer = await ask(httpPort, '/mqtt', { headers });
    expect(answer.status).toBe(400);
    expectStrictHeaders(answer.headers);
  });

  test('refuses a WebSocket when there is no place', async () => {
    const { httpPort } = await startBroker({ limits: { clientsMaxCount: 0, reservedClientsMaxCount: 0 } });
    const socket = new WebSocket(`ws://127.0.0.1:${httpPort}/mqtt`, 'mqtt');
    const [, response] = await once(socket, 'unexpected-response');
    expect(response.statusCode).toBe(503);
    response.destroy();
  });

  test('agrees on the MQTT subprotocol and nothing else', async () => {
    const { httpPort } = await startBroker();
    const socket = new WebSocket(`ws://127.0.0.1:${httpPort}/mqtt?x=1`, ['chat', 'mqtt']);
    await once(socket, 'open');
    expect(socket.protocol).toBe('mqtt');
    expect(socket.extensions).toBe('');
    socket.terminate();
  });
});
