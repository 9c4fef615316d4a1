import { execFile, execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, onTestFinished } from 'vitest';
import { buildServiceUnit } from '../../../cli/service/service-unit.ts';

const unitFile = new URL('../../../packaging/systemd/porthole.service', import.meta.url);

/** 2.0 on the scale of `systemd-analyze security`, which goes to 10. */
const exposureMax = 20;

describe.skipIf(!hasSystemdAnalyze())('porthole.service (needs systemd-analyze)', () => {
  it(`is exposed to ${exposureMax / 10} at most`, async () => {
    const ended = await analyze('security', '--offline=true', `--threshold=${exposureMax}`);
    expect(ended, ended.output).toMatchObject({ code: 0 });
    expect(ended.output).toMatch(/Overall exposure level for porthole.service: [01]\.\d/);
  });

  it('is understood by systemd, every line of it', async () => {
    expect(await analyze('verify', '--man=no')).toEqual({ code: 0, output: '' });
  });
});

/** Runs on the unit as it is installed with the Node.js of this test: a program that exists. */
async function analyze(...args: string[]): Promise<{ code: number; output: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'porthole-unit-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const unit = join(folder, 'porthole.service');
  await writeFile(
    unit,
    buildServiceUnit(await readFile(unitFile, 'utf8'), [process.execPath], dirname(fileURLToPath(unitFile))),
  );
  return new Promise((resolve) => {
    execFile('systemd-analyze', [...args, unit], { env: { ...process.env, SYSTEMD_COLORS: '0' } }, (error, out, err) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? 1 : 0, output: out + err }),
    );
  });
}

function hasSystemdAnalyze(): boolean {
  try {
    execFileSync('systemd-analyze', ['--version']);
    return true;
  } catch {
    return false;
  }
}
