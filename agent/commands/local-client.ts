import { connect, type Socket } from 'node:net';
import { parseJson } from '../../protocol/json.ts';
import { RpcError, rpcResponseSchema } from '../../protocol/rpc.ts';
import { LineSplitter } from './line-splitter.ts';
import { localAnswerMaxBytes } from './local-socket.ts';

export class LocalClientError extends Error {
  readonly code: 'not-running' | 'no-permission' | 'timeout' | 'bad-answer';

  constructor(code: LocalClientError['code'], message: string) {
    super(message);
    this.name = 'LocalClientError';
    this.code = code;
  }

  static from(error: NodeJS.ErrnoException, path: string): LocalClientError {
    if (error.code === 'EACCES' || error.code === 'EPERM') {
      return new LocalClientError(
        'no-permission',
        `${path} belongs to another user: run this as the user of the agent`,
      );
    }
    return new LocalClientError('not-running', `No agent answers on ${path}: start it, or name its state folder`);
  }
}

const timeoutDefaultMs = 15_000;
/** The deepest answer is a JSON Schema in a list of commands. */
const answerMaxDepth = 32;

/**
 * Asks the agent that runs on this machine.
 *
 * @returns the result of the command, unchecked
 * @throws LocalClientError, or RpcError when the agent itself refuses
 */
export async function callLocalAgent(
  socketPath: string,
  method: string,
  params: object = {},
  timeoutMs = timeoutDefaultMs,
): Promise<unknown> {
  const socket = connect(socketPath);
  let timer: NodeJS.Timeout | undefined;
  try {
    const timeout = new Promise<never>((_, reject) => {
      const error = new LocalClientError('timeout', `The agent did not answer ${method} within ${timeoutMs} ms`);
      timer = setTimeout(() => reject(error), timeoutMs);
    });
    const line = readLine(socket, socketPath);
    socket.write(`${JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })}\n`);
    return parseAnswer(await Promise.race([line, timeout]));
  } finally {
    clearTimeout(timer);
    socket.destroy();
  }
}

function readLine(socket: Socket, socketPath: string): Promise<Buffer> {
  const splitter = new LineSplitter(localAnswerMaxBytes);
  return new Promise((resolve, reject) => {
    socket.on('error', (error) => reject(LocalClientError.from(error, socketPath)));
    socket.on('close', () => reject(new LocalClientError('bad-answer', 'The agent hung up without an answer')));
    socket.on('data', (chunk) => {
      const lines = splitter.push(chunk);
      if (!lines) reject(new LocalClientError('bad-answer', 'The answer of the agent has no end'));
      else if (lines[0]) resolve(lines[0]);
    });
  });
}

function parseAnswer(line: Buffer): unknown {
  const json = parseJson(line, { maxBytes: localAnswerMaxBytes, maxDepth: answerMaxDepth });
  const answer = rpcResponseSchema.safeParse(json.ok ? json.value : undefined);
  if (!answer.success) throw new LocalClientError('bad-answer', 'The agent did not answer in JSON-RPC');
  if ('error' in answer.data) throw RpcError.fromWire(answer.data.error);
  return answer.data.result;
}
