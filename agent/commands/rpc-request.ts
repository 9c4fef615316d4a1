import { parseJson } from '../../protocol/json.ts';
import { limits } from '../../protocol/limits.ts';
import { parseWith } from '../../protocol/messages.ts';
import { failure, type Result, success } from '../../protocol/result.ts';
import { type RpcErrorName, type RpcId, type RpcRequest, rpcRequestSchema } from '../../protocol/rpc.ts';

/** Why a call is not carried out, ready to be told to the caller. */
export interface RpcRefusal {
  /** Null when the request does not say, or cannot be read. */
  id: RpcId | null;
  code: RpcErrorName;
  message: string;
}

/** Reads one message as a JSON-RPC 2.0 request. Batches and notifications are refused: nobody needs them here. */
export function parseRpcRequest(message: string | Uint8Array): Result<RpcRequest, RpcRefusal> {
  const json = parseJson(message, { maxBytes: limits.rpcMessageMaxBytes, maxDepth: limits.jsonMaxDepth });
  if (!json.ok) {
    if (json.error === 'too-large') {
      return refusal(null, 'too-large', `A request has at most ${limits.rpcMessageMaxBytes} bytes`);
    }
    return refusal(null, 'parse-error', `The request is not JSON that this device reads: ${json.error}`);
  }
  if (Array.isArray(json.value)) return refusal(null, 'invalid-request', 'Requests come one by one, not as a batch');
  const request = parseWith(rpcRequestSchema, json.value);
  if (request.ok) return success(request.value);
  const id = idIn(json.value);
  if (id === null)
    return refusal(null, 'invalid-request', 'A request needs an id: an integer or a text of up to 64 characters');
  return refusal(id, 'invalid-request', `Not a JSON-RPC 2.0 request: ${request.error}`);
}

// A request that is wrong elsewhere still gets its id back, so that whoever waits for it hears of it.
function idIn(value: unknown): RpcId | null {
  const id = typeof value === 'object' && value !== null && 'id' in value ? value.id : null;
  const parsed = rpcRequestSchema.shape.id.safeParse(id);
  return parsed.success ? parsed.data : null;
}

function refusal(id: RpcId | null, code: RpcErrorName, message: string): { ok: false; error: RpcRefusal } {
  return failure({ id, code, message });
}
