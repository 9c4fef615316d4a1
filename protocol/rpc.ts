import { z } from 'zod';

/** JSON-RPC 2.0 on the `rpc` data channel. */

/** Errors of JSON-RPC itself (below -32600) and ours (-32000 and above), by name. */
export const rpcErrorCodes = {
  'parse-error': -32700,
  'invalid-request': -32600,
  'method-not-found': -32601,
  'invalid-params': -32602,
  'internal-error': -32603,
  forbidden: -32001,
  'rate-limited': -32002,
  timeout: -32003,
  'too-large': -32004,
  unavailable: -32005,
  'not-found': -32006,
} as const;

export type RpcErrorName = keyof typeof rpcErrorCodes;

const namesByCode = new Map<number, RpcErrorName>(
  Object.entries(rpcErrorCodes).map(([name, code]) => [code, name as RpcErrorName]),
);

/** A refused or failed command. The message is for people and never holds secrets. */
export class RpcError extends Error {
  readonly code: RpcErrorName;

  constructor(code: RpcErrorName, message: string) {
    super(message);
    this.name = 'RpcError';
    this.code = code;
  }

  /** From the wire; a number that this version does not know becomes `internal-error`. */
  static fromWire(error: { code: number; message: string }): RpcError {
    return new RpcError(namesByCode.get(error.code) ?? 'internal-error', error.message);
  }
}

const rpcIdSchema = z.union([z.number().int(), z.string().max(64)]);
export type RpcId = z.infer<typeof rpcIdSchema>;

export const rpcRequestSchema = z.object({
  jsonrpc: z.literal('2.0'),
  id: rpcIdSchema,
  method: z.string().min(1).max(64),
  params: z.unknown().optional(),
});
export type RpcRequest = z.infer<typeof rpcRequestSchema>;

export const rpcResponseSchema = z.union([
  z.object({ jsonrpc: z.literal('2.0'), id: rpcIdSchema, result: z.unknown() }),
  z.object({
    jsonrpc: z.literal('2.0'),
    id: rpcIdSchema.nullable(),
    error: z.object({ code: z.number().int(), message: z.string() }),
  }),
]);
export type RpcResponse = z.infer<typeof rpcResponseSchema>;

export const rpcNotificationSchema = z.object({
  jsonrpc: z.literal('2.0'),
  method: z.string().min(1).max(64),
  params: z.unknown().optional(),
});
export type RpcNotification = z.infer<typeof rpcNotificationSchema>;

/** One entry of `rpc.discover`. */
export interface CommandDescription {
  name: string;
  /** For people, in one line. */
  title: string;
  role: string;
  /** JSON Schema (draft 2020-12) of the parameters: always an object. */
  params: Record<string, unknown>;
  result: Record<string, unknown>;
  /** At most this many calls a minute in one session; absent where only the general limit holds. */
  perMinute?: number;
}

/** The result of a command that sends binary data beside its answer: it follows on the `bulk` channel. */
export const bulkReferenceSchema = z.object({
  transferId: z.number().int().min(0).max(0xffffffff),
  sizeBytes: z.number().int().min(0),
  mediaType: z.string().max(64),
});
export type BulkReference = z.infer<typeof bulkReferenceSchema>;
