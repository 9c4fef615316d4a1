import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Started } from './started.ts';

const endGraceMs = 3_000;

/** A copy of the built product that nobody builds anew while the benchmark runs. */
export const cliPath = fileURLToPath(new URL('dist/cli.js', import.meta.url));
export const pageDir = fileURLToPath(new URL('dist/page', import.meta.url));

/** Runs a `porthole` command to its end. @returns its standard output */
export async function runCli(args: string[], signal: AbortSignal): Promise<string> {
  const child = spawn(process.execPath, [cliPath, ...args], { stdio: ['ignore', 'pipe', 'pipe'], signal });
  const [output, problems] = [collect(child.stdout), collect(child.stderr)];
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`porthole ${args[0]} ended with ${code}: ${problems()}`);
  return output();
}

/** Starts a `porthole` command that runs until the step ends. */
export function startCli(args: string[], started: Started, nodeFlags: string[] = []) {
  const child = spawn(process.execPath, [...nodeFlags, cliPath, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  started.onEnd(() => endChild(child));
  return { pid: pidOf(child), log: collect(child.stderr) };
}

/** Starts one of the benchmark's own processes, which talks in messages. */
export function startWorker(name: string, started: Started): ChildProcess {
  const child = fork(fileURLToPath(new URL(`${name}.js`, import.meta.url)), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  started.onEnd(() => endChild(child));
  return child;
}

/** Sends a request to a worker and waits for the answer with the same id. @throws what the worker says went wrong */
export function request<Answer>(worker: ChildProcess, body: object, signal: AbortSignal): Promise<Answer> {
  const id = Math.random();
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void) => {
      worker.off('message', onMessage).off('exit', onExit);
      signal.removeEventListener('abort', onAbort);
      settle();
    };
    const onMessage = (message: { id: number; answer: Answer; error?: string }) => {
      if (message.id !== id) return;
      finish(() => (message.error === undefined ? resolve(message.answer) : reject(new Error(message.error))));
    };
    const onExit = () => finish(() => reject(new Error('a worker has ended')));
    const onAbort = () => finish(() => reject(new Error('interrupted')));
    worker.on('message', onMessage).on('exit', onExit);
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) onAbort();
    else worker.send({ id, body });
  });
}

export function pidOf(child: ChildProcess): number {
  if (child.pid === undefined) throw new Error('a process could not be started');
  return child.pid;
}

async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const timer = setTimeout(() => child.kill('SIGKILL'), endGraceMs);
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
  clearTimeout(timer);
}

function collect(stream: NodeJS.ReadableStream | null): () => string {
  let text = '';
  stream?.on('data', (chunk) => {
    text += chunk;
  });
  return () => text;
}
