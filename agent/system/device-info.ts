import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What the device says about itself. Whatever this system does not tell is left out. */
export interface DeviceInfo {
  /** Board or computer, as `Raspberry Pi 4 Model B Rev 1.5`. */
  model?: string;
  /** Distribution, as `Debian GNU/Linux 13 (trixie)`. */
  os?: string;
  /** Kernel release, as `6.12.34+rpt-rpi-v8`. */
  kernel?: string;
  /** Instruction set that Node was built for, as `arm64`. */
  architecture: string;
  uptimeSeconds?: number;
  /** Mean number of runnable processes. */
  load?: { oneMinute: number; fiveMinutes: number; fifteenMinutes: number };
  memory?: { totalBytes: number; availableBytes: number };
  /** One entry for each thermal zone of the kernel. */
  temperatures?: { name: string; celsius: number }[];
}

const temperaturesMaxCount = 16;

/**
 * Reads the files of the kernel and the distribution. Never fails.
 *
 * @param root where `/proc`, `/sys` and `/etc` are; another folder in tests
 */
export async function readDeviceInfo(root = '/'): Promise<DeviceInfo> {
  const read = (path: string) => readText(join(root, path));
  const [model, os, kernel, uptimeSeconds, load, memory, temperatures] = await Promise.all([
    readModel(read),
    read('etc/os-release').then((text) => text && osNameIn(text)),
    read('proc/sys/kernel/osrelease'),
    read('proc/uptime').then((text) => text && finiteNumber(text.split(' ')[0])),
    read('proc/loadavg').then((text) => text && loadIn(text)),
    read('proc/meminfo').then((text) => text && memoryIn(text)),
    readTemperatures(join(root, 'sys/class/thermal')),
  ]);
  const all = { model, os, kernel, architecture: process.arch, uptimeSeconds, load, memory, temperatures };
  const known = Object.entries(all).filter(([, value]) => value !== undefined && value !== '');
  return { architecture: process.arch, ...Object.fromEntries(known) };
}

async function readModel(read: (path: string) => Promise<string | undefined>): Promise<string | undefined> {
  const deviceTree = await read('proc/device-tree/model');
  if (deviceTree) return deviceTree;
  const parts = await Promise.all([read('sys/class/dmi/id/sys_vendor'), read('sys/class/dmi/id/product_name')]);
  return parts.filter(Boolean).join(' ');
}

function osNameIn(osRelease: string): string | undefined {
  return /^PRETTY_NAME="?([^"\n]*)"?$/m.exec(osRelease)?.[1];
}

function loadIn(loadavg: string): DeviceInfo['load'] {
  const [oneMinute, fiveMinutes, fifteenMinutes] = loadavg.split(' ').map(finiteNumber);
  if (oneMinute === undefined || fiveMinutes === undefined || fifteenMinutes === undefined) return undefined;
  return { oneMinute, fiveMinutes, fifteenMinutes };
}

function memoryIn(meminfo: string): DeviceInfo['memory'] {
  const bytesOf = (key: string) => {
    const kibibytes = new RegExp(`^${key}: +(\\d+) kB$`, 'm').exec(meminfo)?.[1];
    return kibibytes === undefined ? undefined : Number(kibibytes) * 1024;
  };
  const totalBytes = bytesOf('MemTotal');
  const availableBytes = bytesOf('MemAvailable');
  return totalBytes === undefined || availableBytes === undefined ? undefined : { totalBytes, availableBytes };
}

async function readTemperatures(folder: string): Promise<DeviceInfo['temperatures']> {
  const entries = await readdir(folder).catch(() => []);
  const zones = entries.filter((entry) => entry.startsWith('thermal_zone')).sort();
  const temperatures = await Promise.all(
    zones.slice(0, temperaturesMaxCount).map(async (zone) => {
      const millidegrees = finiteNumber(await readText(join(folder, zone, 'temp')));
      if (millidegrees === undefined) return [];
      return [{ name: (await readText(join(folder, zone, 'type'))) ?? zone, celsius: millidegrees / 1000 }];
    }),
  );
  const found = temperatures.flat();
  return found.length === 0 ? undefined : found;
}

function finiteNumber(text: string | undefined): number | undefined {
  const value = text === undefined || text === '' ? Number.NaN : Number(text);
  return Number.isFinite(value) ? value : undefined;
}

// The device tree ends its strings with NUL.
async function readText(path: string): Promise<string | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  return text?.replaceAll('\0', '').trim();
}
