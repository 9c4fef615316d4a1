import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { waitFor } from '../../helpers/e2e/command.ts';
import { type CommandResult, GuestAgent } from './guest-agent.ts';

const recipe = fileURLToPath(new URL('../../../scripts/vm', import.meta.url));
/** Until systemd has started everything. */
export const bootTimeoutMs = 240_000;
const powerOffTimeoutMs = 30_000;
/** How old a guest's answer may be when it is asked whether it is there. */
const probeTimeoutMs = 2_000;

/** Address of the host on the wire to the guest; `scripts/vm/tap-up` sets it. */
export const hostAddress = '172.31.77.1';

export interface VirtualMachineOptions {
  /** What `scripts/vm/make-image` printed. */
  imageDir: string;
  /** Folder of this run, for the console's log and for sockets. */
  workDir: string;
  /** File system image that the guest sees as /dev/vdb. */
  payloadImage: string;
}

/**
 * A Debian 13 machine with systemd, emulated without KVM, on the other end of a network wire of the host. Its disk is as new
 * at every start: what is written is forgotten.
 */
export class VirtualMachine {
  private readonly options: VirtualMachineOptions;
  private readonly agent: GuestAgent;
  private process: ChildProcess | null = null;
  private problems = '';

  constructor(options: VirtualMachineOptions) {
    this.options = options;
    this.agent = new GuestAgent(join(options.workDir, 'guest-agent.sock'));
  }

  /** Resolves when systemd has started everything. @throws with the end of the console's log */
  async start(): Promise<void> {
    // The emulator must not outlive a test run that is killed.
    const process = spawn('setpriv', ['--pdeathsig', 'KILL', 'qemu-system-x86_64', ...this.buildArguments()], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    process.stderr.on('data', (chunk) => {
      this.problems += chunk;
    });
    this.process = process;
    await waitFor(
      () =>
        this.agent.open().then(
          () => true,
          () => this.hasEnded(),
        ),
      5_000,
    );
    await this.untilBooted();
  }

  /** Switches the machine off; pulls the plug when it takes too long. */
  async stop(): Promise<void> {
    const { process } = this;
    if (!process || this.hasEnded()) return;
    const exited = once(process, 'exit');
    const timer = setTimeout(() => process.kill('SIGKILL'), powerOffTimeoutMs);
    this.agent.powerDown();
    await exited;
    clearTimeout(timer);
    this.agent.close();
  }

  /** Runs a shell command as root, whatever its exit code. */
  attempt(command: string, timeoutMs?: number): Promise<CommandResult> {
    return this.agent.run(command, timeoutMs);
  }

  /** Runs a shell command as root. @returns its output without the last line break. @throws when its exit code is not 0 */
  async run(command: string, timeoutMs?: number): Promise<string> {
    const { code, stdout, stderr } = await this.agent.run(command, timeoutMs);
    if (code !== 0) throw new Error(`"${command}" ended with ${code} in the guest: ${stdout}${stderr}`);
    return stdout.trimEnd();
  }

  /** Writes a file of root; its folder is made. */
  async writeFile(path: string, text: string, mode: string): Promise<void> {
    const base64 = Buffer.from(text).toString('base64');
    await this.run(`base64 -d <<< ${base64} | install -D -m ${mode} /dev/stdin '${path}'`);
  }

  /** Restarts the guest as an owner would, and resolves when it has shut down and is up again. */
  async reboot(): Promise<void> {
    const bootId = 'cat /proc/sys/kernel/random/boot_id';
    const before = await this.run(bootId);
    await this.run('systemctl --no-block reboot');
    await waitFor(
      async () => {
        const now = await this.agent.run(bootId, probeTimeoutMs).catch(() => null);
        return now?.code === 0 && now.stdout.trimEnd() !== before;
      },
      bootTimeoutMs,
      () => this.describeFailure(),
    );
  }

  /** Waits for systemd to have started everything. */
  async untilBooted(): Promise<void> {
    await waitFor(
      async () => {
        if (this.hasEnded()) throw new Error(await this.describeFailure());
        const state = await this.agent.run('systemctl is-system-running', probeTimeoutMs).catch(() => null);
        return ['running', 'degraded'].includes(state?.stdout.trim() ?? '');
      },
      bootTimeoutMs,
      () => this.describeFailure(),
    );
  }

  private hasEnded(): boolean {
    return this.process?.exitCode !== null || this.process.signalCode !== null;
  }

  private async describeFailure(): Promise<string> {
    const console = await readFile(join(this.options.workDir, 'console.log'), 'latin1').catch(() => '');
    return `${this.problems}\n${console.slice(-2_000)}`;
  }

  private buildArguments(): string[] {
    const { imageDir, workDir, payloadImage } = this.options;
    return [
      ...['-nodefaults', '-no-user-config', '-display', 'none', '-machine', 'pc'],
      ...['-accel', 'tcg,thread=multi', '-cpu', 'max', '-smp', '2', '-m', '1024'],
      ...['-kernel', join(imageDir, 'vmlinuz'), '-initrd', join(imageDir, 'initrd.img')],
      ...['-append', 'root=/dev/vda rw console=ttyS0 quiet mitigations=off net.ifnames=0'],
      ...['-serial', `file:${join(workDir, 'console.log')}`],
      // What is written goes to an unnamed temporary file.
      ...['-drive', `file=${join(imageDir, 'disk.img')},format=raw,if=virtio,snapshot=on`],
      ...['-drive', `file=${payloadImage},format=raw,if=virtio,readonly=on`],
      ...['-netdev', `tap,id=wire,ifname=phvm0,script=${join(recipe, 'tap-up')},downscript=no`],
      ...['-device', 'virtio-net-pci,netdev=wire', '-device', 'virtio-rng-pci', '-device', 'virtio-serial-pci'],
      ...['-chardev', `socket,id=agent,path=${join(workDir, 'guest-agent.sock')},server=on,wait=off`],
      ...['-device', 'virtserialport,chardev=agent,name=org.qemu.guest_agent.0'],
    ];
  }
}

/** Makes a read-only disk that holds a folder's files. */
export function makePayloadImage(folder: string, image: string): void {
  execFileSync('mke2fs', ['-q', '-t', 'ext4', '-d', folder, image, '256M']);
}
