import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../..', import.meta.url));
export const cliPath = join(root, 'dist/cli.js');

/** What `porthole up --json` prints. */
export interface UpFacts {
  link: string;
  page: string;
  broker: string;
  deviceId: string;
  statePath: string;
}

const closers: (() => Promise<unknown> | unknown)[] = [];

/** Runs when the test is over, in the opposite order. */
export function onTestEnd(close: () => Promise<unknown> | unknown): void {
  closers.push(close);
}

/** For `afterEach`: ends everything that the test has started, however it went. */
export async function endAll(): Promise<void> {
  for (const close of closers.splice(0).reverse()) await close();
}

export async function tempDir(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'porthole-e2e-'));
  onTestEnd(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** A running `porthole` command. */
export class RunningCommand {
  readonly process: ChildProcess;
  stdout = '';
  stderr = '';
  private readonly exited: Promise<number | null>;

  constructor(args: string[], env: Record<string, string> = {}) {
    this.process = spawn(process.execPath, [cliPath, ...args], { env: { ...process.env, ...env } });
    this.process.stdout?.on('data', (chunk) => {
      this.stdout += chunk;
    });
    this.process.stderr?.on('data', (chunk) => {
      this.stderr += chunk;
    });
    this.exited = new Promise((resolve) => this.process.on('exit', resolve));
    onTestEnd(() => this.stop());
  }

  /** Ends it as Ctrl-C does. @returns its exit code */
  async stop(signal: NodeJS.Signals = 'SIGINT'): Promise<number | null> {
    if (this.process.exitCode === null && this.process.signalCode === null) this.process.kill(signal);
    return this.exited;
  }

  untilExit(): Promise<number | null> {
    return this.exited;
  }

  /** The first whole line on standard output. */
  async firstLine(timeoutMs = 10_000): Promise<string> {
    await waitFor(
      () => this.stdout.includes('\n') || this.process.exitCode !== null,
      timeoutMs,
      () => this.stderr,
    );
    if (!this.stdout.includes('\n')) throw new Error(`ended with ${this.process.exitCode}: ${this.stderr}`);
    return this.stdout.split('\n')[0] ?? '';
  }
}

/** `porthole up` on free ports with a fresh state. */
export async function startUp(args: string[] = []): Promise<{ facts: UpFacts; command: RunningCommand }> {
  const state = await tempDir();
  const command = new RunningCommand(['up', '--json', '--port', '0', '--mqtt-port', '0', '--state', state, ...args]);
  const facts = JSON.parse(await command.firstLine()) as UpFacts;
  return { facts, command };
}

/** `porthole up` with a configuration; JSON is YAML. */
export async function startUpWith(config: object): ReturnType<typeof startUp> {
  const file = join(await tempDir(), 'porthole.yaml');
  await writeFile(file, JSON.stringify(config));
  return startUp(['--config', file]);
}

/** Runs a command to its end. */
export async function runCommand(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const command = new RunningCommand(args);
  const code = await command.untilExit();
  return { code, stdout: command.stdout, stderr: command.stderr };
}

/** Polls until the condition holds. @throws with `describe()` when it does not within the time */
export async function waitFor<Value>(
  condition: () => Value | Promise<Value>,
  timeoutMs: number,
  describe: () => unknown = () => '',
): Promise<NonNullable<Value>> {
  const deadlineMs = performance.now() + timeoutMs;
  for (;;) {
    const value = await condition();
    if (value) return value;
    if (performance.now() > deadlineMs) throw new Error(`not within ${timeoutMs} ms: ${condition} ${await describe()}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
