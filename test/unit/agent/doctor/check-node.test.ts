import { describe, expect, it } from 'vitest';
import { checkClock } from '../../../../agent/doctor/check-clock.ts';
import { checkNativeModule, checkNode } from '../../../../agent/doctor/check-node.ts';
import { readText } from '../../../helpers/architecture-sources.ts';

describe('Node.js', () => {
  it.each([
    { version: '18.20.4', level: 'failure' },
    { version: '20.18.9', level: 'failure' },
    { version: '20.19.0', level: 'ok' },
    { version: '22.1.0', level: 'ok' },
  ])('is $level in version $version', ({ version, level }) => {
    expect(checkNode(version)).toMatchObject({ check: 'node', level });
  });

  it('is as old at most as package.json has it', () => {
    const oldest = /^>=(\d+\.\d+)$/.exec(JSON.parse(readText('package.json')).engines.node)?.[1];
    expect(checkNode(`${oldest}.0`).level).toBe('ok');
  });
});

describe('the native library', () => {
  it('may not suit the machine', async () => {
    const finding = await checkNativeModule(() =>
      Promise.reject(new Error('Cannot find module x.node\nRequire stack')),
    );
    expect(finding).toMatchObject({
      check: 'native-module',
      level: 'failure',
      details: { reason: 'Cannot find module x.node' },
    });
    expect(finding.advice).toBeTruthy();
  });
});

describe('the clock', () => {
  const thisYear = Date.UTC(2026, 10, 22);
  const levelWith = async (wallClockMs: number, isSynchronised: boolean | null) =>
    (await checkClock({ wallClockMs, readIsSynchronised: async () => isSynchronised })).level;

  it('is wrong in 1970, whoever says that it is synchronised', async () => {
    expect(await levelWith(0, true)).toBe('failure');
  });

  it('is best when the network sets it', async () => {
    expect(await levelWith(thisYear, true)).toBe('ok');
    expect(await levelWith(thisYear, false)).toBe('warning');
    expect(await levelWith(thisYear, null)).toBe('ok');
  });
});
