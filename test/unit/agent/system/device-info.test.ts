import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readDeviceInfo } from '../../../../agent/system/device-info.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'porthole-device-'));
});
afterEach(() => rm(root, { recursive: true }));

async function put(files: Record<string, string>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
}

describe('readDeviceInfo', () => {
  it('reads a Raspberry Pi', async () => {
    await put({
      'proc/device-tree/model': 'Raspberry Pi 4 Model B Rev 1.5\0',
      'etc/os-release': 'NAME="Debian"\nPRETTY_NAME="Debian GNU/Linux 13 (trixie)"\nID=debian\n',
      'proc/sys/kernel/osrelease': '6.12.34+rpt-rpi-v8\n',
      'proc/uptime': '4211.25 16000.00\n',
      'proc/loadavg': '0.25 0.50 0.75 1/123 4567\n',
      'proc/meminfo': 'MemTotal:        1894536 kB\nMemFree:  100 kB\nMemAvailable:    1500000 kB\n',
      'sys/class/thermal/thermal_zone0/temp': '48312\n',
      'sys/class/thermal/thermal_zone0/type': 'cpu-thermal\n',
      'sys/class/thermal/cooling_device0/type': 'fan\n',
    });
    expect(await readDeviceInfo(root)).toEqual({
      model: 'Raspberry Pi 4 Model B Rev 1.5',
      os: 'Debian GNU/Linux 13 (trixie)',
      kernel: '6.12.34+rpt-rpi-v8',
      architecture: process.arch,
      uptimeSeconds: 4211.25,
      load: { oneMinute: 0.25, fiveMinutes: 0.5, fifteenMinutes: 0.75 },
      memory: { totalBytes: 1894536 * 1024, availableBytes: 1500000 * 1024 },
      temperatures: [{ name: 'cpu-thermal', celsius: 48.312 }],
    });
  });

  it('names a PC by its maker and product', async () => {
    await put({ 'sys/class/dmi/id/sys_vendor': 'LENOVO\n', 'sys/class/dmi/id/product_name': '20XW\n' });
    expect((await readDeviceInfo(root)).model).toBe('LENOVO 20XW');
  });

  it('leaves out what is absent or unreadable', async () => {
    await put({
      'proc/uptime': '',
      'proc/loadavg': 'x y z',
      'proc/meminfo': 'nothing',
      'sys/class/thermal/thermal_zone0/temp': '',
    });
    expect(await readDeviceInfo(root)).toEqual({ architecture: process.arch });
  });

  it('reads the machine that it runs on', async () => {
    const info = await readDeviceInfo();
    expect(info.kernel).toMatch(/^\d+\./);
    expect(info.memory?.totalBytes).toBeGreaterThan(info.memory?.availableBytes ?? Number.POSITIVE_INFINITY);
  });
});
