import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { checkHardware, describeThrottled } from '../../../../agent/doctor/check-hardware.ts';
import type { Finding } from '../../../../agent/doctor/finding.ts';

async function createRoot(files: Record<string, string>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'porthole-doctor-test-'));
  onTestFinished(() => rm(root, { recursive: true }));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), text);
  }
  return root;
}

function levels(findings: readonly Finding[]): string[] {
  return findings.map(({ check, level }) => `${check} ${level}`);
}

describe('the firmware of a Raspberry Pi', () => {
  it.each([
    { flags: 0x0, power: 'ok', throttling: 'ok' },
    { flags: 0x10000, power: 'warning', throttling: 'ok' },
    { flags: 0x50005, power: 'failure', throttling: 'warning' },
    { flags: 0x80008, power: 'ok', throttling: 'warning' },
    { flags: 0x20000, power: 'ok', throttling: 'warning' },
  ])('says in words what $flags means', ({ flags, power, throttling }) => {
    expect(levels(describeThrottled(flags))).toEqual([`power ${power}`, `throttling ${throttling}`]);
  });

  it('tells what is now apart from what was', () => {
    expect(describeThrottled(0x1)[0]?.message).toContain('at this moment');
    expect(describeThrottled(0x10000)[0]?.message).toContain('since the start');
  });

  it('is read where the kernel shows it', async () => {
    const root = await createRoot({ 'sys/devices/platform/soc/soc:firmware/get_throttled': '50005\n' });
    const findings = await checkHardware(root);
    expect(levels(findings)).toEqual(['temperature skipped', 'power failure', 'throttling warning']);
    expect(findings[1]).toMatchObject({
      details: { throttled: '0x50005' },
      advice: expect.stringContaining('power supply'),
    });
  });
});

describe('the temperature', () => {
  const zone = (millidegrees: number) => ({
    'sys/class/thermal/thermal_zone0/type': 'cpu-thermal\n',
    'sys/class/thermal/thermal_zone0/temp': `${millidegrees}\n`,
  });
  const onOtherMachines = async () => null;

  it.each([
    { millidegrees: 52_300, level: 'ok' },
    { millidegrees: 81_000, level: 'warning' },
  ])('is $level at $millidegrees', async ({ millidegrees, level }) => {
    const findings = await checkHardware(await createRoot(zone(millidegrees)), onOtherMachines);
    expect(levels(findings)).toEqual([`temperature ${level}`]);
  });
});
