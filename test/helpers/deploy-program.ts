import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const deployFolder = fileURLToPath(new URL('../../broker/deploy/', import.meta.url));
// Debian keeps daemons where the PATH of a plain user does not lead.
const searchPath = `${process.env.PATH ?? ''}${delimiter}/usr/sbin${delimiter}/sbin`;

/** The whole path of a program of this machine, which may also be given as one; null when it is not there. */
export function findProgram(name: string): string | null {
  const folders = searchPath.split(delimiter);
  return folders.map((folder) => resolve(folder, name)).find((path) => existsSync(path)) ?? null;
}

/** Whether the tests of a program can run; says on the terminal what to install when they cannot. */
export function isInstalled(program: string, debianPackage: string): boolean {
  const isThere = findProgram(program) !== null;
  if (!isThere) console.warn(`skipped: install ${debianPackage}`);
  return isThere;
}

/** A temporary folder with copies of files of `broker/deploy`. */
export class DeployFolder {
  readonly path: string;

  private constructor(path: string) {
    this.path = path;
  }

  static async create(): Promise<DeployFolder> {
    const path = await mkdtemp(join(tmpdir(), 'porthole-deploy-'));
    // Daemons that drop their rights must still be able to read it.
    await chmod(path, 0o755);
    return new DeployFolder(path);
  }

  in(name: string): string {
    return join(this.path, name);
  }

  /**
   * Copies a shipped file, with paths and ports of this machine in place of those of a server.
   * @param source below `broker/deploy`
   * @param replace what stands in the file, as text, and what shall stand there; every entry must be found
   * @returns the path of the copy
   */
  async copy(source: string, name: string, replace: Readonly<Record<string, string>> = {}): Promise<string> {
    const target = this.in(name);
    await cp(join(deployFolder, source), target);
    let text = await readFile(target, 'utf8');
    for (const [shipped, here] of Object.entries(replace)) {
      if (!text.includes(shipped)) throw new Error(`${source} does not hold "${shipped}"`);
      text = text.replaceAll(shipped, here);
    }
    await writeFile(target, text);
    return target;
  }

  async write(name: string, text: string): Promise<string> {
    await writeFile(this.in(name), text);
    return this.in(name);
  }

  /** A private authority and a certificate for this machine, made by the shipped script. @returns its folder */
  createCertificates(): string {
    const folder = this.in('certs');
    execFileSync(join(deployFolder, 'private-ca.sh'), [folder, 'localhost', '127.0.0.1']);
    execFileSync('chmod', ['-R', 'a+rX', folder]);
    return folder;
  }

  async remove(): Promise<void> {
    await rm(this.path, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Runs a program to its end. @returns what it wrote to standard output @throws when it fails */
export function runProgram(path: string, args: readonly string[], env: Readonly<Record<string, string>> = {}): string {
  return execFileSync(path, args, {
    encoding: 'utf8',
    env: { ...process.env, PATH: searchPath, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** A daemon that stays in the foreground. */
export class DeployProgram {
  output = '';
  private readonly process: ChildProcess;
  private readonly exited: Promise<unknown>;

  constructor(name: string, args: readonly string[], env: Readonly<Record<string, string>> = {}) {
    this.process = spawn(findProgram(name) ?? name, args, { env: { ...process.env, PATH: searchPath, ...env } });
    this.exited = once(this.process, 'exit');
    const collect = (chunk: unknown) => {
      this.output += chunk;
    };
    this.process.stdout?.on('data', collect);
    this.process.stderr?.on('data', collect);
  }

  /** @throws with what the program wrote when it ends, or does not listen in time */
  async untilListening(ports: readonly number[], timeoutMs = 10_000, host = '127.0.0.1'): Promise<void> {
    const deadlineMs = performance.now() + timeoutMs;
    for (const port of ports) {
      while (!(await isListening(port, host))) {
        const hasEnded = this.process.exitCode !== null;
        if (hasEnded || performance.now() > deadlineMs) throw new Error(`nothing listens on ${port}: ${this.output}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    }
  }

  signal(signal: NodeJS.Signals): void {
    this.process.kill(signal);
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (this.process.exitCode === null && this.process.signalCode === null) this.process.kill(signal);
    await this.exited;
  }
}

/** TCP ports of the loopback that nobody uses at this moment. */
export async function findFreePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      return server;
    }),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

function isListening(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, host);
    socket
      .on('error', () => resolve(false))
      .on('connect', () => {
        socket.destroy();
        resolve(true);
      });
  });
}
