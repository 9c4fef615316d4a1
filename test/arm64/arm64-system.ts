import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { waitFor } from '../helpers/e2e/command.ts';

export interface Arm64SystemOptions {
  /** What `scripts/arm64/make-rootfs` printed; nothing is written to it. */
  rootfs: string;
  /** Empty folder of this run, on a file system that overlays can write to. */
  workDir: string;
}

export interface CommandResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

// "upper" takes what is written. The shell stays, because mounts and processes go with it.
const mountAndStay = `set -e
mount -t overlay overlay -o "lowerdir=$1,upperdir=$2/upper,workdir=$2/work" "$2/root"
mount -t proc proc "$2/root/proc"
mount --rbind /dev "$2/root/dev"
echo mounted
exec sleep infinity`;

/**
 * A Debian arm64 system in a chroot, its programs run by qemu-user. It shares the host's network. Mounts and processes are in
 * namespaces of their own that end with the process that holds them, so nothing is left behind even by a killed run.
 */
export class Arm64System {
  private readonly options: Arm64SystemOptions;
  private holder: ChildProcess | null = null;
  private holderPid = 0;

  constructor(options: Arm64SystemOptions) {
    this.options = options;
  }

  async start(): Promise<void> {
    const { rootfs, workDir } = this.options;
    for (const name of ['upper', 'work', 'root']) await mkdir(join(workDir, name));
    const namespaces = ['--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child'];
    const holder = spawn('setpriv', [
      ...['--pdeathsig', 'KILL', 'unshare', ...namespaces, 'sh', '-c', mountAndStay, 'sh', rootfs, workDir],
    ]);
    this.holder = holder;
    const output = { text: '' };
    for (const stream of [holder.stdout, holder.stderr]) stream.on('data', (chunk) => (output.text += chunk));
    await waitFor(
      () => output.text.includes('mounted') || holder.exitCode !== null,
      10_000,
      () => output.text,
    );
    if (holder.exitCode !== null) throw new Error(`the arm64 system did not start: ${output.text}`);
    // The process that was forked into the new namespaces.
    const children = await readFile(`/proc/${holder.pid}/task/${holder.pid}/children`, 'utf8');
    this.holderPid = Number.parseInt(children, 10);
  }

  /** Ends everything that runs in it. Idempotent. */
  async stop(): Promise<void> {
    const { holder } = this;
    if (!holder || holder.exitCode !== null || holder.signalCode !== null) return;
    const exited = once(holder, 'exit');
    holder.kill('SIGKILL');
    await exited;
  }

  /** Starts a shell command as root. */
  spawn(command: string): ChildProcess {
    const root = join(this.options.workDir, 'root');
    const environment = ['PATH=/usr/sbin:/usr/bin:/sbin:/bin', 'HOME=/root', 'LC_ALL=C'];
    return spawn('nsenter', [
      ...['--target', String(this.holderPid), '--mount', '--pid', 'chroot', root],
      ...['env', '-i', ...environment, 'sh', '-c', command],
    ]);
  }

  /** Runs a shell command as root to its end, whatever its exit code. */
  async attempt(command: string): Promise<CommandResult> {
    const child = this.spawn(command);
    const result: CommandResult = { code: null, stdout: '', stderr: '' };
    child.stdout?.on('data', (chunk) => (result.stdout += chunk));
    child.stderr?.on('data', (chunk) => (result.stderr += chunk));
    [result.code] = await once(child, 'close');
    return result;
  }

  /** @returns its output without the last line break. @throws when the exit code is not 0 */
  async run(command: string): Promise<string> {
    const { code, stdout, stderr } = await this.attempt(command);
    if (code !== 0) throw new Error(`"${command}" ended with ${code}: ${stdout}${stderr}`);
    return stdout.trimEnd();
  }

  async writeFile(path: string, text: string): Promise<void> {
    const target = await this.makeRoomFor(path);
    await writeFile(target, text, { mode: 0o644 });
  }

  async copyIn(source: string, path: string): Promise<void> {
    await copyFile(source, await this.makeRoomFor(path));
  }

  // The overlay is seen from its own namespace only, and through /proc from this one.
  private async makeRoomFor(path: string): Promise<string> {
    const target = join(`/proc/${this.holderPid}/root`, this.options.workDir, 'root', path);
    await mkdir(dirname(target), { recursive: true });
    return target;
  }
}
