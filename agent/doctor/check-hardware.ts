import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { readDeviceInfo } from '../system/device-info.ts';
import { type Finding, failed, ok, skipped, warning } from './finding.ts';
import { runProgram } from './run-program.ts';

/** A Raspberry Pi slows down from 80 degrees on, and far more from 85. */
const hotCelsius = 80;
const vcgencmdTimeoutMs = 1_500;

/** Bits of `vcgencmd get_throttled`: what is now, and 16 places up what has been since the start. */
const throttledBits = { underVoltage: 0, cappedFrequency: 1, throttled: 2, softTemperatureLimit: 3 } as const;
type ThrottledReason = keyof typeof throttledBits;
const sinceStart = 16;

/** @param root where `/sys` and `/proc` are; another folder in tests */
export async function checkHardware(
  root = '/',
  readThrottled: (root: string) => Promise<number | null> = readThrottledFlags,
): Promise<Finding[]> {
  const [{ temperatures = [] }, flags] = await Promise.all([readDeviceInfo(root), readThrottled(root)]);
  return [checkTemperature(temperatures), ...(flags === null ? [] : describeThrottled(flags))];
}

function checkTemperature(temperatures: readonly { name: string; celsius: number }[]): Finding {
  const [hottest] = [...temperatures].sort((a, b) => b.celsius - a.celsius);
  if (!hottest) return skipped('temperature', 'This system tells no temperature.');
  const celsius = Math.round(hottest.celsius);
  const details = { celsius, zone: hottest.name };
  return celsius >= hotCelsius
    ? warning(
        'temperature',
        `It is ${celsius} °C hot, and will run slower.`,
        'Give it air, a heat sink or a fan.',
        details,
      )
    : ok('temperature', `The temperature is ${celsius} °C.`, details);
}

/** What the firmware of a Raspberry Pi says about power and heat, in words. */
export function describeThrottled(flags: number): Finding[] {
  const details = { throttled: `0x${flags.toString(16)}` };
  const isNow = (reason: ThrottledReason) => hasBit(flags, throttledBits[reason]);
  const hasBeen = (reason: ThrottledReason) => hasBit(flags, throttledBits[reason] + sinceStart);
  return [
    describePower(isNow('underVoltage'), hasBeen('underVoltage'), details),
    describeSpeed(isNow, hasBeen, details),
  ];
}

function describePower(isNow: boolean, hasBeen: boolean, details: Record<string, unknown>): Finding {
  const advice = 'Use the power supply made for this board, a short thick cable, and fewer devices on USB.';
  if (isNow) return failed('power', 'The supply voltage is too low at this moment.', advice, details);
  return hasBeen
    ? warning('power', 'The supply voltage has been too low since the start.', advice, details)
    : ok('power', 'The power supply holds its voltage.', details);
}

function describeSpeed(
  isNow: (reason: ThrottledReason) => boolean,
  hasBeen: (reason: ThrottledReason) => boolean,
  details: Record<string, unknown>,
): Finding {
  const reasons: ThrottledReason[] = ['cappedFrequency', 'throttled', 'softTemperatureLimit'];
  const advice = 'Give it air, a heat sink or a fan, and see to the power supply.';
  if (reasons.some(isNow)) {
    return warning('throttling', 'The processor is slowed down at this moment, for heat or power.', advice, details);
  }
  return reasons.some(hasBeen)
    ? warning('throttling', 'The processor has been slowed down since the start, for heat or power.', advice, details)
    : ok('throttling', 'The processor has not been slowed down.', details);
}

function hasBit(flags: number, bit: number): boolean {
  return (flags & (1 << bit)) !== 0;
}

/** @returns null on other machines than a Raspberry Pi */
async function readThrottledFlags(root: string): Promise<number | null> {
  const path = join(root, 'sys/devices/platform/soc/soc:firmware/get_throttled');
  const fromKernel = await readFile(path, 'utf8').catch(() => null);
  if (fromKernel !== null) return parseHexadecimal(fromKernel);
  const { code, stdout } = await runProgram('vcgencmd', ['get_throttled'], vcgencmdTimeoutMs);
  return code === 0 ? parseHexadecimal(stdout.replace('throttled=', '')) : null;
}

function parseHexadecimal(text: string): number | null {
  const digits = /^(?:0x)?([0-9a-f]{1,8})$/i.exec(text.trim())?.[1];
  return digits === undefined ? null : Number.parseInt(digits, 16);
}
