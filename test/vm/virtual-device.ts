import { cpSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect } from 'vitest';
import { onTestEnd, runCommand, tempDir, waitFor } from '../helpers/e2e/command.ts';
import { type DeviceBroker, deviceAccount, startDeviceBroker } from '../helpers/e2e/device-broker.ts';
import { hostAddress, makePayloadImage, VirtualMachine } from './machine/virtual-machine.ts';

/** What the device is told beside how to reach the broker: little enough for an emulated processor. */
const deviceConfig = {
  name: 'Virtual device',
  cameras: [{ source: '/dev/video0', widthMax: 320, heightMax: 180, fps: 5, bitrateKbps: 200 }],
  audio: { source: 'alsa:plughw:0,0' },
  ice: { lanOnly: true },
};
const resultsDir = fileURLToPath(new URL('../../.cache/vm', import.meta.url));
export const stateDir = '/var/lib/porthole';

export interface VirtualDeviceOptions {
  /** What `scripts/vm/make-image` printed. */
  imageDir: string;
  /** The Debian package under test. */
  packageFile: string;
}

/** A virtual machine that becomes a device by the package under test, and the broker that it is reached through, here. */
export class VirtualDevice {
  readonly vm: VirtualMachine;
  private readonly broker: DeviceBroker;

  private constructor(vm: VirtualMachine, broker: DeviceBroker) {
    this.vm = vm;
    this.broker = broker;
  }

  /** Starts broker and machine; the package is in reach of the machine and not installed. All ends with the test. */
  static async start({ imageDir, packageFile }: VirtualDeviceOptions): Promise<VirtualDevice> {
    const workDir = await tempDir();
    const payload = join(workDir, 'payload');
    await mkdir(payload);
    cpSync(packageFile, join(payload, 'porthole.deb'));
    const payloadImage = join(workDir, 'payload.img');
    makePayloadImage(payload, payloadImage);
    const vm = new VirtualMachine({ imageDir, workDir, payloadImage });
    onTestEnd(() => vm.stop());
    const [broker] = await Promise.all([startDeviceBroker(hostAddress), vm.start()]);
    await vm.run('mount -o ro /dev/vdb /mnt');
    return new VirtualDevice(vm, broker);
  }

  /** Installs the package as an owner does, from a file and without a network. */
  async install(): Promise<void> {
    await this.vm.run('DEBIAN_FRONTEND=noninteractive apt-get install -y -q /mnt/porthole.deb', 240_000);
  }

  /** Writes the configuration, and the password where only root reads it. JSON is YAML. */
  async configure(changes: object = {}): Promise<void> {
    const { url, links } = this.broker;
    const config = { ...deviceConfig, broker: { url, username: deviceAccount.name }, links, ...changes };
    await this.vm.writeFile('/etc/porthole/porthole.yaml', JSON.stringify(config, null, 2), '644');
    await this.vm.writeFile('/etc/porthole/broker-password', deviceAccount.password, '600');
  }

  /** Takes every block of the disk that holds the state, those that are kept for root too. */
  async fillDisk(): Promise<void> {
    // Root may take those too. Written, they would keep an emulated machine from all else for a minute.
    await this.vm.run(
      'fallocate --length $(($(stat --file-system --format "%f * %S" /) - 4194304)) /filler; sync',
      60_000,
    );
    await this.vm.attempt('dd if=/dev/zero of=/filler-rest bs=4k; sync', 60_000);
    expect(await this.vm.run('df --output=avail / | tail -1')).toMatch(/^\s*0$/);
  }

  /** Leaves the service less memory than it has taken, so that the kernel ends ffmpeg and nothing else, and then as much as before. */
  async exhaustMemory(): Promise<void> {
    const group = '/sys/fs/cgroup/system.slice/porthole.service';
    const score = `/proc/${await this.agentPid()}/oom_score_adj`;
    const steps = [
      `echo -1000 > ${score}`,
      `taken=$(awk '$1 == "anon" { print $2 }' ${group}/memory.stat)`,
      // Returns when the kernel has made room, or can do no more.
      `echo $((taken - 5000000)) > ${group}/memory.max`,
      `echo max > ${group}/memory.max`,
      `echo 0 > ${score}`,
    ];
    await this.vm.run(steps.join('\n'), 60_000);
  }

  /** Loses or delays what the device sends, as `tc-netem` says it. */
  async spoilWire(netem: string): Promise<void> {
    await this.vm.run(`tc qdisc replace dev eth0 root netem ${netem}`);
  }

  async mendWire(): Promise<void> {
    await this.vm.run('tc qdisc del dev eth0 root');
  }

  async clearDisk(): Promise<void> {
    await this.vm.run('rm /filler /filler-rest; sync');
  }

  /** A link that lets any number of viewers do everything. */
  async invite(): Promise<string> {
    const json = await this.vm.run('porthole invite --json --role admin --uses many --ttl 600', 60_000);
    return (JSON.parse(json) as { link: string }).link;
  }

  /** What the service said since this moment, as `journalctl` prints it. */
  journal(sinceMs = 0, format = 'cat'): Promise<string> {
    const since = `--since @${Math.floor(sinceMs / 1000)}`;
    return this.vm.run(`journalctl --unit porthole --no-pager --output ${format} ${since}`);
  }

  /** Keeps what the service has said, to read after the run. */
  async saveJournal(): Promise<void> {
    await mkdir(resultsDir, { recursive: true });
    await writeFile(join(resultsDir, 'journal.log'), await this.journal(0, 'short-precise'));
  }

  /** Waits for a line in the journal that is not older than this moment. */
  async untilJournal(pattern: RegExp, sinceMs: number, timeoutMs: number): Promise<string> {
    return waitFor(
      async () => (await this.journal(sinceMs)).split('\n').find((line) => pattern.test(line)),
      timeoutMs,
      () => this.journal(sinceMs),
    );
  }

  async isActive(): Promise<boolean> {
    return (await this.vm.attempt('systemctl is-active porthole')).code === 0;
  }

  /** Process id of the agent. */
  async agentPid(): Promise<number> {
    const pid = Number(await this.vm.run('systemctl show --property MainPID --value porthole'));
    if (pid === 0) throw new Error('the agent does not run');
    return pid;
  }

  /** How long the service took to stop, by the clock of its systemd, in ms. */
  async lastStopMs(): Promise<number> {
    const properties = 'ActiveExitTimestampMonotonic,InactiveEnterTimestampMonotonic';
    const lines = await this.vm.run(`systemctl show --property ${properties} porthole`);
    const us = new Map(lines.split('\n').map((line) => line.split('=') as [string, string]));
    return (Number(us.get('InactiveEnterTimestampMonotonic')) - Number(us.get('ActiveExitTimestampMonotonic'))) / 1000;
  }
}

/** Runs `porthole view` or `porthole call` here, as a viewer of its own, and parses what it prints. */
export async function runViewer<Answer>(keyFile: string, ...args: string[]): Promise<Answer> {
  const { code, stdout, stderr } = await runCommand(...args, '--identity', keyFile, '--timeout', '60');
  if (code !== 0) throw new Error(`porthole ${args[0]} ended with ${code}: ${stdout}${stderr}`);
  return JSON.parse(stdout) as Answer;
}
