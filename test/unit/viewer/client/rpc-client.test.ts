import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { limits } from '../../../../protocol/limits.ts';
import { rpcErrorCodes } from '../../../../protocol/rpc.ts';
import { RpcClient } from '../../../../viewer/client/rpc-client.ts';

let sent: { id: number; method: string; params: unknown }[];
let isOpen: boolean;
let client: RpcClient;

beforeEach(() => {
  vi.useFakeTimers();
  sent = [];
  isOpen = true;
  client = new RpcClient({
    send: (text) => {
      if (isOpen) sent.push(JSON.parse(text));
      return isOpen;
    },
  });
});
afterEach(() => {
  expect(vi.getTimerCount()).toBe(0);
  vi.useRealTimers();
});

function answer(id: unknown, body: object): void {
  client.handleMessage(JSON.stringify({ jsonrpc: '2.0', id, ...body }));
}

describe('RpcClient', () => {
  it('pairs answers with calls by their id, in any order', async () => {
    const first = client.call('device.info');
    const second = client.call('camera.list', { all: true });
    expect(sent).toMatchObject([
      { jsonrpc: '2.0', method: 'device.info', params: {} },
      { jsonrpc: '2.0', method: 'camera.list', params: { all: true } },
    ]);
    answer(sent[1]?.id, { result: 'two' });
    answer(sent[0]?.id, { result: null });
    expect(await Promise.all([first, second])).toEqual([null, 'two']);
  });

  it('rejects with the code of the device, or internal-error for one it does not know', async () => {
    const first = client.call('access.list');
    const second = client.call('access.list');
    answer(sent[0]?.id, { error: { code: rpcErrorCodes.forbidden, message: 'needs the role admin' } });
    answer(sent[1]?.id, { error: { code: -12345, message: 'new' } });
    await expect(first).rejects.toMatchObject({ code: 'forbidden', message: 'needs the role admin' });
    await expect(second).rejects.toMatchObject({ code: 'internal-error' });
  });

  it('gives an answer 15 s, and ignores it afterwards', async () => {
    const called = client.call('device.info');
    const failed = expect(called).rejects.toMatchObject({ code: 'timeout' });
    await vi.advanceTimersByTimeAsync(15_000);
    await failed;
    answer(sent[0]?.id, { result: 1 });
  });

  it('does not wait for what could not be sent', async () => {
    isOpen = false;
    await expect(client.call('device.info')).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('refuses a call that is too large to send', async () => {
    const text = 'x'.repeat(limits.rpcMessageMaxBytes);
    await expect(client.call('device.info', { text })).rejects.toMatchObject({ code: 'too-large' });
    expect(sent).toEqual([]);
  });

  it('rejects everything when it is closed, then and later', async () => {
    const called = client.call('device.info');
    client.close();
    await expect(called).rejects.toMatchObject({ code: 'unavailable' });
    await expect(client.call('device.info')).rejects.toMatchObject({ code: 'unavailable' });
  });

  it.each([
    ['not text', new ArrayBuffer(4)],
    ['not JSON', '{'],
    ['no answer', '{"jsonrpc":"2.0"}'],
    ['an answer to nobody', '{"jsonrpc":"2.0","id":77,"result":1}'],
    ['an answer with a foreign id', '{"jsonrpc":"2.0","id":"1","result":1}'],
    ['an error without an id', '{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"?"}}'],
    ['too large', JSON.stringify({ jsonrpc: '2.0', id: 1, result: 'x'.repeat(300_000) })],
    ['nested too deeply', `{"jsonrpc":"2.0","id":1,"result":${'['.repeat(40)}${']'.repeat(40)}}`],
  ])('is not disturbed by what is %s', async (_, message) => {
    const called = client.call('device.info');
    client.handleMessage(message);
    answer(sent[0]?.id, { result: 'fine' });
    expect(await called).toBe('fine');
  });

  it('tells notifications', () => {
    const notification = vi.fn();
    client.events.on('notification', notification);
    client.handleMessage('{"jsonrpc":"2.0","method":"event.camera","params":{"id":"cam0"}}');
    client.handleMessage('{"jsonrpc":"2.0","method":""}');
    expect(notification).toHaveBeenCalledExactlyOnceWith({ method: 'event.camera', params: { id: 'cam0' } });
  });
});
