import { describe, expect, it } from 'vitest';
import { SessionError, sessionErrorCodes, sessionErrorText } from '../../../protocol/errors.ts';
import { roleAllows, roles } from '../../../protocol/roles.ts';
import { RpcError, rpcErrorCodes, rpcRequestSchema, rpcResponseSchema } from '../../../protocol/rpc.ts';

describe('session errors', () => {
  it('have one code and one sentence each', () => {
    expect(new Set(sessionErrorCodes).size).toBe(sessionErrorCodes.length);
    const sentences = sessionErrorCodes.map(sessionErrorText);
    for (const sentence of sentences) expect(sentence).toMatch(/^[A-Z].*\.$/);
    expect(new Set(sentences).size).toBe(sentences.length);
  });

  it('say what happened, with the detail behind it', () => {
    expect(new SessionError('busy').message).toBe(sessionErrorText('busy'));
    expect(new SessionError('busy', '8 of 8').message).toBe(`${sessionErrorText('busy')} (8 of 8)`);
  });

  it('are made of whatever was thrown', () => {
    const error = new SessionError('revoked');
    expect(SessionError.from(error)).toBe(error);
    expect(SessionError.from(new TypeError('odd'))).toMatchObject({ code: 'internal', detail: 'odd' });
    expect(SessionError.from(undefined)).toMatchObject({ code: 'internal', detail: 'undefined' });
  });
});

describe('RPC errors', () => {
  it('have a number each, those of JSON-RPC in its range and ours in the one left to us', () => {
    const numbers = Object.values(rpcErrorCodes);
    expect(new Set(numbers).size).toBe(numbers.length);
    for (const number of numbers) {
      expect(
        number === -32700 || (number >= -32603 && number <= -32600) || (number >= -32099 && number <= -32000),
      ).toBe(true);
    }
  });

  it('come back from the wire by name, and unknown ones as internal', () => {
    for (const [name, code] of Object.entries(rpcErrorCodes)) {
      expect(RpcError.fromWire({ code, message: 'because' })).toMatchObject({ code: name, message: 'because' });
    }
    expect(RpcError.fromWire({ code: -1, message: '' }).code).toBe('internal-error');
  });
});

describe('RPC messages', () => {
  const request = { jsonrpc: '2.0', id: 1, method: 'device.ping' };

  it('are requests with an id and a method', () => {
    expect(rpcRequestSchema.parse({ ...request, params: {}, more: 1 })).toEqual({ ...request, params: {} });
    for (const broken of [
      { ...request, id: null },
      { ...request, id: 1.5 },
      { ...request, id: 'x'.repeat(65) },
      { ...request, method: '' },
      { ...request, method: 'x'.repeat(65) },
      { ...request, jsonrpc: '1.0' },
      [request],
    ]) {
      expect(rpcRequestSchema.safeParse(broken).success).toBe(false);
    }
  });

  it('are responses with a result, null included, or an error', () => {
    const error = { code: -32601, message: 'no such command' };
    for (const response of [
      { jsonrpc: '2.0', id: 1, result: null },
      { jsonrpc: '2.0', id: 'a', result: { deep: [1] } },
      { jsonrpc: '2.0', id: null, error },
    ]) {
      expect(rpcResponseSchema.parse(response)).toEqual(response);
    }
    for (const broken of [
      { jsonrpc: '2.0', id: 1 },
      { jsonrpc: '2.0', id: 1, error: { code: 'x', message: '' } },
      { jsonrpc: '2.0', result: 1 },
    ]) {
      expect(rpcResponseSchema.safeParse(broken).success).toBe(false);
    }
  });
});

describe('roles', () => {
  it('include all that is below them', () => {
    for (const [held, heldRole] of roles.entries()) {
      for (const [needed, neededRole] of roles.entries()) expect(roleAllows(heldRole, neededRole)).toBe(held >= needed);
    }
  });

  it('that do not exist allow nothing and nobody', () => {
    const unknown = 'owner' as (typeof roles)[number];
    expect(roleAllows('admin', unknown)).toBe(false);
    expect(roleAllows(unknown, 'view')).toBe(false);
    expect(roleAllows(unknown, unknown)).toBe(false);
  });
});
