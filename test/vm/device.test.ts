import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { openBrowser, ViewerPage } from '../helpers/e2e/browser.ts';
import { endAll, tempDir, waitFor } from '../helpers/e2e/command.ts';
import { exposeConnections, heardEnergy } from './heard-sound.ts';
import { bootTimeoutMs } from './machine/virtual-machine.ts';
import { PictureWatch } from './picture-watch.ts';
import { RecoveryTable } from './recovery-table.ts';
import { readSettings } from './settings.ts';
import { runViewer, stateDir, VirtualDevice } from './virtual-device.ts';

/**
 * One life of a device, from the installation of its package on: every test goes on from where the one before it has left the
 * machine, and each leaves it with a moving picture. Bounds are those of an emulated machine, and longer where it is slower.
 */

/** How long the machine takes to start on two quiet cores. */
const usualBootMs = 25_000;

const table = new RecoveryTable();
let device: VirtualDevice;
let pace = 1;
let isReady = false;
let viewer: ViewerPage;
let picture: PictureWatch;
let link: string;
let keyFile: string;

beforeAll(async () => {
  const startedAtMs = Date.now();
  device = await VirtualDevice.start(readSettings());
  const bootMs = Date.now() - startedAtMs;
  pace = Math.max(1, bootMs / usualBootMs);
  table.add('machine started', bootMs, bootTimeoutMs);
  keyFile = join(await tempDir(), 'viewer.key');
});

afterAll(async () => {
  await picture?.stop();
  // The machine may be in no state to answer; that must not keep it from being ended.
  await device?.saveJournal().catch((error: unknown) => console.error('no journal:', error));
  await endAll();
  console.log(`The machine takes ${pace.toFixed(1)} times as long as usual to start: so do bounds.\n${table.format()}`);
});

/** A bound for this machine, from that for the usual one. */
function within(usualMs: number): number {
  return usualMs * pace;
}

/** Waits for the end of something, and takes down how long it took. */
async function timed(event: string, usualBoundMs: number, run: () => Promise<unknown>): Promise<void> {
  const startedAtMs = Date.now();
  await run();
  record(event, Date.now() - startedAtMs, usualBoundMs);
}

function record(event: string, tookMs: number, usualBoundMs: number): void {
  table.add(event, tookMs, within(usualBoundMs));
  expect(tookMs, event).toBeLessThan(within(usualBoundMs));
}

/** Takes a fault's time to recovery: until the picture has stood still and moves again. */
async function expectBack(event: string, faultAtMs: number, usualBoundMs: number): Promise<void> {
  record(event, await picture.untilBack(faultAtMs, within(usualBoundMs)), usualBoundMs);
}

describe('the package', () => {
  it('is installed by apt without a network', async () => {
    await timed('apt install', 60_000, () => device.install());
    expect(await device.vm.run('porthole --version')).toMatch(/^\d+\.\d+\.\d+/);
    expect(await device.vm.run('systemctl is-enabled porthole')).toBe('enabled');
  });

  it('waits for its configuration, and then runs the service', async () => {
    const untouchedAtMs = Date.now();
    // As at each boot.
    await device.vm.run('systemctl start porthole', within(30_000));
    await device.untilJournal(/no settings yet.*porthole setup/, untouchedAtMs, within(30_000));
    expect(await device.isActive()).toBe(false);
    expect((await device.vm.attempt('systemctl is-failed porthole')).code).not.toBe(0);
    await device.configure();
    const startedAtMs = Date.now();
    await timed('service started', 30_000, () => device.vm.run('systemctl start porthole', within(30_000)));
    await device.untilJournal(/broker connected/, startedAtMs, within(30_000));
    // Who has no screen beside the device finds the first link there.
    await device.untilJournal(/nobody is paired yet.*#\/pair\?/, startedAtMs, within(30_000));
    expect(await device.isActive()).toBe(true);
    link = await device.invite();
  });
});

describe('the device', () => {
  it('shows its camera to a browser, over the wire', async () => {
    const startedAtMs = Date.now();
    const browser = await openBrowser();
    await exposeConnections(browser);
    viewer = await ViewerPage.open(browser, link);
    picture = new PictureWatch(viewer);
    picture.start();
    record('first picture', (await picture.untilMoving(startedAtMs, within(60_000))) - startedAtMs, 60_000);
    isReady = true;
    expect(await viewer.read((view) => view.stats.codec)).toBe('H264');
  });

  it('lets the browser hear its sound card', async () => {
    // What is played on the one end of the loop is captured on the other.
    await device.vm.run('systemd-run --unit tone speaker-test -D plughw:0,1 -c 2 -r 48000 -t sine -f 440');
    // A browser counts the sound that it plays, and plays none before it is asked to.
    await viewer.page.getByRole('button', { name: 'Sound on' }).click();
    const energies = new Set<number>();
    await waitFor(
      async () => energies.add(await heardEnergy(viewer)).size > 20,
      within(30_000),
      () => `heard ${[...energies].join(', ')}`,
    );
    // An emulated processor has little left beside it, and nothing after this is about sound.
    await viewer.page.getByRole('button', { name: 'Sound off' }).click();
  });

  it('answers commands', async () => {
    expect(await viewer.read((view) => view.call('device.info'))).toMatchObject({ name: 'Virtual device' });
    const cameras = await runViewer(keyFile, 'call', link, 'camera.list');
    expect(JSON.stringify(cameras)).toContain('cam0');
    const jpeg = await viewer.read(async (view) => {
      const { data } = (await view.call('camera.snapshot', {})) as { data: Uint8Array };
      return [...data.slice(0, 3)];
    });
    expect(jpeg).toEqual([0xff, 0xd8, 0xff]);
  });

  it('serves a viewer without a screen beside the browser', async () => {
    const report = await runViewer<{ framesPerSecond: number; path: string }>(
      keyFile,
      ...['view', link, '--seconds', '8', '--json'],
    );
    expect(report.framesPerSecond).toBeGreaterThan(2.5);
  });
});

/** For what goes on from a picture: not even tried without one. */
function needPicture(): void {
  beforeEach(async ({ skip }) => {
    if (!isReady) return skip('no picture to begin with');
    await picture.untilMoving(Date.now(), within(60_000));
  });
}

describe('a camera that is unplugged', () => {
  needPicture();

  it('is named on the page, and shows its picture again once it is back', async () => {
    await device.vm.run('echo vivid.0 > /sys/bus/platform/drivers/vivid/unbind');
    const unpluggedAtMs = Date.now();
    await waitFor(
      async () => /plugged in/.test(await viewer.stateLine()),
      within(30_000),
      () => viewer.stateLine(),
    );
    record('camera unplugged: told', Date.now() - unpluggedAtMs, 30_000);
    await picture.untilStill(unpluggedAtMs, 10_000);
    await device.vm.run('echo vivid.0 > /sys/bus/platform/drivers/vivid/bind');
    const pluggedAtMs = Date.now();
    record(
      'camera plugged in: picture',
      (await picture.untilMoving(pluggedAtMs, within(60_000))) - pluggedAtMs,
      60_000,
    );
  });
});

describe('a process that fails', () => {
  needPicture();

  it('is replaced: ffmpeg, killed', async () => {
    const faultAtMs = Date.now();
    await device.vm.run("pkill --signal KILL --full '[f]fmpeg.* -f v4l2 '");
    await expectBack('ffmpeg killed', faultAtMs, 30_000);
  });

  it('is replaced: ffmpeg, for which there is not enough memory', async () => {
    const pid = await device.agentPid();
    const faultAtMs = Date.now();
    await device.exhaustMemory();
    await expectBack('ffmpeg out of memory', faultAtMs, 30_000);
    expect(await device.agentPid()).toBe(pid);
    expect(await device.journal(faultAtMs)).toMatch(/OOM killer/);
  });

  it('is replaced: the agent, killed', async () => {
    const faultAtMs = Date.now();
    await device.vm.run(`kill -KILL ${await device.agentPid()}`);
    await expectBack('agent killed', faultAtMs, 60_000);
  });

  it('is replaced: the agent, hanging', async () => {
    const pid = await device.agentPid();
    const faultAtMs = Date.now();
    await device.vm.run(`kill -STOP ${pid}`);
    await expectBack('agent stopped (watchdog of 30 s)', faultAtMs, 100_000);
    expect(await device.agentPid()).not.toBe(pid);
    expect(await device.journal(faultAtMs, 'short')).toMatch(/watchdog/i);
  });
});

describe('a full disk', () => {
  needPicture();

  it('does not touch the picture, is named to who wants something written, and heals when there is room again', async () => {
    await device.fillDisk();
    const fullAtMs = Date.now();
    try {
      const refused = await device.vm.attempt('porthole invite --json', within(60_000));
      expect(refused.code).not.toBe(0);
      expect(refused.stderr).toMatch(/cannot write to its disk/);
      console.log(`full disk: ${refused.stderr.trim()}`);
      await picture.untilMoving(Date.now(), within(10_000));
      record('disk full: longest pause', picture.longestPauseMs(fullAtMs), 10_000);
    } finally {
      await device.clearDisk();
    }
    await timed('room on the disk again: invite', 60_000, () => device.invite());
    const files = await device.vm.run(
      `find ${stateDir}/ -name '*.json' -print0 | xargs -0 -n 1 node -e '
      JSON.parse(require("fs").readFileSync(process.argv[1])); console.log(process.argv[1])'`,
      within(60_000),
    );
    expect(files).not.toBe('');
  });
});

describe('a bad network', () => {
  needPicture();

  it('of 5 % loss and 50 ms more carries a picture that moves', async () => {
    await device.spoilWire('delay 50ms loss 5%');
    const fromMs = Date.now();
    const report = await runViewer<{ framesPerSecond: number; rttMs: number; packetsLost: number }>(
      keyFile,
      ...['view', link, '--seconds', '15', '--json'],
    );
    console.log(`5 % loss, 50 ms: ${JSON.stringify(report)}`);
    expect(report.framesPerSecond).toBeGreaterThan(2.5);
    expect(report.rttMs).toBeGreaterThan(50);
    record('5 % loss, 50 ms: longest pause', picture.longestPauseMs(fromMs), 5_000);
    await device.mendWire();
  });

  it('that is cut for ten seconds is back by itself', async () => {
    const faultAtMs = Date.now();
    await device.spoilWire('loss 100%');
    await picture.untilStill(faultAtMs, 20_000);
    await waitFor(() => Date.now() - faultAtMs > 10_000, 15_000);
    await device.mendWire();
    const mendedAtMs = Date.now();
    record('wire mended: picture', (await picture.untilMoving(mendedAtMs, within(60_000))) - mendedAtMs, 60_000);
  });
});

describe('the owner', () => {
  needPicture();

  it('may have the configuration read again', async () => {
    const reloadedAtMs = Date.now();
    await device.configure({ name: 'Renamed device' });
    await device.vm.run('systemctl reload porthole', within(30_000));
    await device.untilJournal(/config/i, reloadedAtMs, within(30_000));
    expect(await device.isActive()).toBe(true);
    expect(picture.longestPauseMs(reloadedAtMs)).toBeLessThan(within(5_000));
  });

  it('may restart the machine: the picture comes back by itself', async () => {
    const faultAtMs = Date.now();
    await device.vm.reboot();
    const upAtMs = Date.now();
    const tookMs = (await picture.untilMoving(upAtMs, within(60_000))) - faultAtMs;
    record('machine restarted', tookMs, 120_000);
  });

  it('may stop the service, which takes three seconds at most', async () => {
    await device.vm.untilBooted();
    await device.vm.run('systemctl stop porthole', within(30_000));
    record('service stopped', await device.lastStopMs(), 3_000);
    expect(await device.vm.run('systemctl show --property Result --value porthole')).toBe('success');
    expect((await device.vm.attempt('pgrep ffmpeg')).code).toBe(1);
  });
});
