import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { type Command, defineCommand } from '../../../../agent/commands/command.ts';
import type { Role } from '../../../../protocol/roles.ts';
import { RpcError, rpcErrorCodes } from '../../../../protocol/rpc.ts';
import { FakeRpcCaller, refusalOf } from '../../../fakes/support-rpc.ts';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const noParams = z.strictObject({});

function command(run: Command['run'], options: Partial<Command> = {}): Command {
  return defineCommand({
    name: 'test.run',
    title: 'Test',
    role: 'view',
    params: noParams,
    result: z.unknown(),
    run,
    ...options,
  });
}

const echo = defineCommand({
  name: 'test.echo',
  title: 'Echo',
  role: 'view',
  params: z.strictObject({ text: z.string().max(20_000) }),
  result: z.object({ text: z.string() }),
  run: ({ text }) => ({ text }),
});

describe('RpcServer', () => {
  it('answers with the result under the id of the request', async () => {
    const caller = new FakeRpcCaller([echo]);
    caller.server.handleMessage(
      new TextEncoder().encode('{"jsonrpc":"2.0","id":"seven","method":"test.echo","params":{"text":"hé"}}'),
    );
    await vi.advanceTimersByTimeAsync(0);
    expect(caller.answers).toEqual([{ jsonrpc: '2.0', id: 'seven', result: { text: 'hé' } }]);
  });

  it.each([
    ['junk', 'parse-error', '{"jsonrpc'],
    ['bytes that are not UTF-8', 'parse-error', Uint8Array.of(0x22, 0xff, 0x22)],
    ['deep nesting', 'parse-error', '['.repeat(50) + ']'.repeat(50)],
    ['more than a message holds', 'too-large', ' '.repeat(16 * 1024 + 1)],
    ['a batch', 'invalid-request', '[{"jsonrpc":"2.0","id":1,"method":"test.echo"}]'],
    ['a notification', 'invalid-request', '{"jsonrpc":"2.0","method":"test.echo","params":{"text":"x"}}'],
    ['an id of another kind', 'invalid-request', '{"jsonrpc":"2.0","id":{},"method":"test.echo"}'],
    ['a mere value', 'invalid-request', '7'],
  ] as const)('refuses %s as %s', (_what, code, message) => {
    const caller = new FakeRpcCaller([echo]);
    caller.server.handleMessage(message);
    expect(caller.answers).toEqual([{ jsonrpc: '2.0', id: null, ...refusalOf(code) }]);
  });

  it('gives the id back when the rest of a request is wrong', () => {
    const caller = new FakeRpcCaller([echo]);
    caller.server.handleMessage('{"jsonrpc":"2.0","id":5,"method":7}');
    caller.server.handleMessage('{"id":6,"method":"test.echo"}');
    expect(caller.answers).toMatchObject([
      { id: 5, ...refusalOf('invalid-request') },
      { id: 6, ...refusalOf('invalid-request') },
    ]);
  });

  it.each(['test.nothing', 'constructor', '__proto__', 'toString'])('knows no command %s', async (method) => {
    const caller = new FakeRpcCaller([echo]);
    expect(await caller.call(method)).toMatchObject(refusalOf('method-not-found'));
  });

  it.each([
    ['view', 'view', true],
    ['view', 'control', false],
    ['control', 'control', true],
    ['control', 'admin', false],
    ['admin', 'view', true],
  ] satisfies [Role, Role, boolean][])(
    'with role %s, a command for %s is allowed: %s',
    async (held, needed, isAllowed) => {
      const run = vi.fn(() => 'done');
      const caller = new FakeRpcCaller([command(run, { role: needed })], held);
      const answer = await caller.call('test.run');
      expect(run).toHaveBeenCalledTimes(isAllowed ? 1 : 0);
      expect(answer).toMatchObject(isAllowed ? { result: 'done' } : refusalOf('forbidden'));
    },
  );

  it.each([[undefined], [{}], [{ text: 1 }], [{ text: 'x', more: 1 }], [['x']], [null], ['x']])(
    'refuses wrong parameters %j and names the field',
    async (params) => {
      const caller = new FakeRpcCaller([echo]);
      expect(await caller.call('test.echo', params)).toMatchObject(
        refusalOf('invalid-params', expect.stringMatching(/^Parameters of test\.echo: /)),
      );
    },
  );

  it('passes on what a command refuses, with its reason', async () => {
    const caller = new FakeRpcCaller([
      command(() => {
        throw new RpcError('not-found', 'There is no camera 9');
      }),
    ]);
    expect(await caller.call('test.run')).toMatchObject(refusalOf('not-found', 'There is no camera 9'));
  });

  it.each([
    [
      'throws',
      () => {
        throw new Error('/etc/secret is missing');
      },
    ],
    ['rejects', () => Promise.reject(new Error('/etc/secret is missing'))],
    [
      'throws what is no error',
      () => {
        throw '/etc/secret';
      },
    ],
    ['gives what JSON cannot hold', () => 1n],
  ])('tells only the log what went wrong when a command %s', async (_what, run) => {
    const caller = new FakeRpcCaller([command(run)]);
    const answer = await caller.call('test.run');
    expect(answer).toMatchObject(refusalOf('internal-error'));
    expect(JSON.stringify(answer)).not.toContain('secret');
    const [event] = caller.logger.events;
    expect(event).toMatchObject({ level: 'error', fields: { method: 'test.run' } });
    expect(answer?.error?.message).toContain(event?.fields.reference);
  });

  it('does not send a result that breaks its own schema', async () => {
    const broken = command(() => ({ text: 42 }), { result: z.object({ text: z.string() }) });
    const caller = new FakeRpcCaller([broken]);
    expect(await caller.call('test.run')).toMatchObject(refusalOf('internal-error'));
  });

  it('answers null for nothing, so that there always is a result', async () => {
    const caller = new FakeRpcCaller([command(() => undefined)]);
    expect(await caller.call('test.run')).toMatchObject({ result: null });
  });

  it('refuses to send an answer that does not fit in a message', async () => {
    const caller = new FakeRpcCaller([command(() => 'é'.repeat(9_000))]);
    expect(await caller.call('test.run')).toMatchObject(refusalOf('too-large'));
  });

  it('gives up a command whose time is up, and tells it', async () => {
    let signal: AbortSignal | undefined;
    const slow = command(
      (_params, context) => {
        signal = context.signal;
        return new Promise(() => {});
      },
      { timeoutMs: 200 },
    );
    const caller = new FakeRpcCaller([slow]);
    caller.send('test.run');
    await vi.advanceTimersByTimeAsync(199);
    expect(caller.answers).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(caller.answers).toMatchObject([refusalOf('timeout')]);
    expect(signal?.aborted).toBe(true);
  });

  it('lets nothing through from a command that ends after its time', async () => {
    let finish: () => void = () => {};
    let lateError: unknown;
    const late = command(async (_params, { sendBulk }) => {
      await new Promise<void>((resolve) => {
        finish = resolve;
      });
      try {
        sendBulk(new Uint8Array(3), 'image/jpeg');
      } catch (error) {
        lateError = error;
      }
    });
    const caller = new FakeRpcCaller([late]);
    caller.send('test.run');
    await vi.advanceTimersByTimeAsync(5_000);
    finish();
    await vi.advanceTimersByTimeAsync(0);
    expect(caller.answers).toHaveLength(1);
    expect(caller.bulk).toEqual([]);
    expect(lateError).toMatchObject({ code: 'unavailable' });
  });

  it('runs at most 32 commands at once, counting those that do not stop when told to', async () => {
    const caller = new FakeRpcCaller([command(() => new Promise(() => {}), { timeoutMs: 100 }), echo]);
    for (let count = 0; count < 32; count += 1) caller.send('test.run');
    expect(await caller.call('test.echo', { text: 'x' })).toMatchObject(refusalOf('rate-limited'));
    await vi.advanceTimersByTimeAsync(100);
    caller.clock.advance(10_000);
    expect(await caller.call('test.echo', { text: 'x' })).toMatchObject(refusalOf('rate-limited'));
  });

  it('lets 40 commands through at once and 20 a second from there', async () => {
    const caller = new FakeRpcCaller([echo]);
    const passed = async (count: number) => {
      const answers = [];
      for (let sent = 0; sent < count; sent += 1) answers.push(await caller.call('test.echo', { text: 'x' }));
      return answers.filter((answer) => answer?.result).length;
    };
    expect(await passed(60)).toBe(40);
    caller.clock.advance(1_000);
    expect(await passed(60)).toBe(20);
  });

  it('stops answering junk that comes faster than it is fit to answer', () => {
    const caller = new FakeRpcCaller();
    for (let count = 0; count < 1000; count += 1) caller.server.handleMessage('junk');
    expect(caller.answers).toHaveLength(40);
  });

  it('holds a command to its own rate, and leaves the others alone', async () => {
    const rare = command(() => 'done', { perMinute: 2 });
    const caller = new FakeRpcCaller([rare, echo]);
    expect(await caller.call('test.run')).toMatchObject({ result: 'done' });
    expect(await caller.call('test.run')).toMatchObject({ result: 'done' });
    expect(await caller.call('test.run')).toMatchObject(refusalOf('rate-limited', expect.stringContaining('2 calls')));
    expect(await caller.call('test.echo', { text: 'x' })).toMatchObject({ result: { text: 'x' } });
    caller.clock.advance(30_000);
    expect(await caller.call('test.run')).toMatchObject({ result: 'done' });
  });

  it('aborts what runs when it is closed, and sends nothing any more', async () => {
    const signals: AbortSignal[] = [];
    const obedient = command(
      (_params, { signal }) =>
        new Promise((_, reject) => {
          signals.push(signal);
          signal.addEventListener('abort', () => reject(signal.reason));
        }),
    );
    const caller = new FakeRpcCaller([obedient, echo]);
    caller.send('test.run');
    caller.server.close();
    caller.server.close();
    caller.send('test.echo', { text: 'x' });
    await vi.advanceTimersByTimeAsync(60_000);
    expect(signals.map((signal) => signal.aborted)).toEqual([true]);
    expect(caller.answers).toEqual([]);
    expect(caller.logger.events).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('survives a channel that cannot send', async () => {
    const caller = new FakeRpcCaller([echo], 'view', {
      send: () => {
        throw new Error('closed');
      },
    });
    await caller.call('test.echo', { text: 'x' });
    caller.server.handleMessage('junk');
    expect(caller.logger.events.map((event) => event.level)).toEqual(['debug', 'debug']);
  });

  it('never throws, and answers each message once at most, whatever comes in', async () => {
    const id = fc.oneof(fc.integer(), fc.string(), fc.constant(null), fc.double(), fc.object());
    const method = fc.oneof(fc.constantFrom('test.echo', 'test.run', '__proto__', ''), fc.string());
    const params = fc.oneof(fc.record({ text: fc.oneof(fc.string(), fc.anything()) }), fc.anything());
    const request = fc.record({ jsonrpc: fc.constantFrom('2.0', '1.0', 2), id, method, params }, { requiredKeys: [] });
    const text = request.map((value) => {
      try {
        return JSON.stringify(value);
      } catch {
        return '{}';
      }
    });
    const message = fc.oneof(text, fc.json(), fc.string(), fc.uint8Array({ maxLength: 200 }));
    await fc.assert(
      fc.asyncProperty(fc.array(message, { maxLength: 30 }), async (messages) => {
        const failing = command(() => Promise.reject(new Error('no')));
        const caller = new FakeRpcCaller([echo, failing]);
        for (const input of messages) {
          const before = caller.answers.length;
          caller.server.handleMessage(input);
          await vi.advanceTimersByTimeAsync(0);
          expect(caller.answers.length - before).toBeLessThanOrEqual(1);
        }
        const known = new Set<number>(Object.values(rpcErrorCodes));
        for (const answer of caller.answers) {
          expect(answer.error === undefined || known.has(answer.error.code)).toBe(true);
        }
      }),
      { numRuns: 100 },
    );
  });
});
