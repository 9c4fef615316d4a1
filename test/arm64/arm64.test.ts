import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ViewReport } from '../../cli/commands/view.ts';
import { endAll, onTestEnd, runCommand, waitFor } from '../helpers/e2e/command.ts';
import { deviceAccount, startDeviceBroker } from '../helpers/e2e/device-broker.ts';
import { Arm64System } from './arm64-system.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
const figures: { what: string; value: string }[] = [];
let system: Arm64System;

/** Runs a step and keeps how long it took for the table at the end. */
async function timed<Result>(what: string, step: () => Promise<Result>): Promise<Result> {
  const startedMs = performance.now();
  const result = await step();
  figures.push({ what, value: `${((performance.now() - startedMs) / 1000).toFixed(1)} s` });
  return result;
}

async function findPackage(): Promise<string> {
  const folder = join(root, 'dist-packages');
  const name = (await readdir(folder)).find((file) => file.endsWith('_arm64.deb'));
  if (!name) throw new Error(`no arm64 package in ${folder}: npm run package`);
  return join(folder, name);
}

beforeAll(async () => {
  // Not in the system's folder for temporary files if that is in memory only: the package needs room.
  const workDir = await mkdtemp(join(tmpdir(), 'porthole-arm64-'));
  const rootfs = execFileSync(join(root, 'scripts/arm64/make-rootfs'), { encoding: 'utf8' }).trim();
  system = new Arm64System({ rootfs, workDir });
  onTestEnd(() => rm(workDir, { recursive: true, force: true }));
  onTestEnd(() => system.stop());
  await system.start();
}, 900_000);

afterAll(async () => {
  await endAll();
  console.table(figures);
});

describe('the arm64 package under emulation', () => {
  it('is installed by apt', async () => {
    expect(await system.run('dpkg --print-architecture')).toBe('arm64');
    await system.copyIn(await findPackage(), '/tmp/porthole.deb');
    await timed('apt install', () => system.run('apt-get install -y -q /tmp/porthole.deb'));
    const version = await timed('porthole --version', () => system.run('porthole --version'));
    expect(version).toMatch(/^\d+\.\d+\.\d+/);
  });

  it('streams the test pattern to a viewer on another machine', async () => {
    const broker = await startDeviceBroker('127.0.0.1');
    await system.writeFile(
      '/etc/porthole/porthole.yaml',
      JSON.stringify({
        name: 'arm64',
        // Where the unit puts them, which nothing does here.
        stateDir: '/var/lib/porthole',
        cacheDir: '/var/cache/porthole',
        runtimeDir: '/run/porthole',
        broker: { url: broker.url, username: deviceAccount.name, password: deviceAccount.password },
        links: broker.links,
        cameras: [{ source: 'test', widthMax: 320, heightMax: 180, fps: 10, bitrateKbps: 150 }],
      }),
    );
    const log = { text: '' };
    const startedMs = performance.now();
    const agent = system.spawn('echo $$ >/run/agent.pid; exec porthole agent');
    agent.stderr?.on('data', (chunk) => {
      log.text += chunk;
    });
    await waitFor(
      () => log.text.includes('broker connected'),
      60_000,
      () => log.text,
    );
    figures.push({ what: 'agent online', value: `${((performance.now() - startedMs) / 1000).toFixed(1)} s` });

    const link = await system.run('porthole invite');
    const view = await runCommand('view', link.split('\n')[0] ?? '', '--seconds', '8', '--json');
    expect(view.code, `${view.stderr}\n${log.text}`).toBe(0);
    const report = JSON.parse(view.stdout) as ViewReport;
    figures.push({ what: 'first frame', value: `${report.firstFrameMs} ms` });
    figures.push({ what: 'frames a second', value: String(report.framesPerSecond) });
    expect(report.state).toBe('connected');
    expect(report.framesPerSecond).toBeGreaterThan(5);

    const stopped = once(agent, 'exit');
    await timed('agent stop', async () => {
      await system.run('kill $(cat /run/agent.pid)');
      await stopped;
    });
  });

  it('leaves the state when removed, and nothing when purged', async () => {
    await system.run('apt-get remove -y -q porthole');
    expect(await system.run('ls /var/lib/porthole')).toContain('device');
    await system.run('apt-get purge -y -q porthole');
    // What is in /run would have gone with the service, or goes with the next start.
    const elsewhere = '-not -path "/tmp/*" -not -path "/run/*"';
    const left = await system.run(`find / -xdev -ipath "*porthole*" ${elsewhere}`);
    expect(left).toBe('');
  });
});
