import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, open, readdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { ServiceInstallation } from '../../../cli/service/service-installation.ts';
import { cliPath, endAll, onTestEnd, RunningCommand, runCommand, tempDir, waitFor } from '../../helpers/e2e/command.ts';
import { NotifySocket } from '../../helpers/notify-socket.ts';

afterEach(endAll);

/** `porthole agent` as systemd would start it, with a watchdog that wants a sign every 100 ms. */
async function startService(config: object = {}, env: Record<string, string> = {}) {
  const systemd = await NotifySocket.open();
  const state = await tempDir();
  const file = join(state, 'porthole.yaml');
  const write = (settings: object) =>
    writeFile(
      file,
      JSON.stringify({ broker: { url: 'mqtt://127.0.0.1:1' }, cameras: [{ source: 'test' }], ...settings }),
    );
  await write(config);
  const command = new RunningCommand(['agent', '--config', file, '--state', state], {
    NOTIFY_SOCKET: systemd.path,
    WATCHDOG_USEC: '300000',
    ...env,
  });
  await waitFor(
    () => systemd.count('READY=1') > 0,
    15_000,
    () => command.stderr,
  );
  return { systemd, command, write, state };
}

describe('porthole agent, as a service', () => {
  it('tells systemd that it serves, how it is, that it is well, and that it ends', async () => {
    const { systemd, command } = await startService();
    expect(systemd.assignments[1]).toMatch(/^STATUS=Offline \(.*\), trying again, no viewers$/);
    await waitFor(() => systemd.count('WATCHDOG=1') > 3, 5_000);
    expect(systemd.count('STOPPING=1')).toBe(0);
    const startedAtMs = performance.now();
    expect(await command.stop('SIGTERM')).toBe(0);
    expect(performance.now() - startedAtMs).toBeLessThan(3_000);
    await waitFor(() => systemd.count('STOPPING=1') === 1, 5_000);
  });

  it('gives no sign of life while it is blocked', async () => {
    const { systemd, command } = await startService();
    await waitFor(() => systemd.count('WATCHDOG=1') > 1, 5_000);
    command.process.kill('SIGSTOP');
    const seen = await settled(() => systemd.count('WATCHDOG=1'));
    command.process.kill('SIGCONT');
    await waitFor(() => systemd.count('WATCHDOG=1') > seen, 5_000);
  });

  it('reads the configuration again on SIGHUP, and says what takes a restart', async () => {
    const { systemd, command, write } = await startService();
    await write({ name: 'Stable', limits: { sessions: 2 }, cameras: [{ source: 'test', fps: 12 }] });
    command.process.kill('SIGHUP');
    await waitFor(
      () => systemd.count('READY=1') === 2,
      5_000,
      () => command.stderr,
    );
    expect(systemd.count('RELOADING=1')).toBe(1);
    expect(settingsIn(command.stderr)).toEqual([
      ['info', 'name'],
      ['info', 'limits.sessions'],
      ['warn', 'cameras[0].fps'],
    ]);
  });

  it('tells whoever asks for a reload how it went: what systemctl reload says', async () => {
    const { state, command, write } = await startService();
    const reload = () => runCommand('reload', '--state', state);
    await write({ name: 'Stable', cameras: [{ source: 'test', fps: 12 }] });
    expect(await reload()).toMatchObject({ code: 0, stdout: 'name: applied\ncameras[0].fps: takes a restart\n' });
    await write({ naem: 'Stable' });
    expect(await reload()).toMatchObject({ code: 1, stderr: expect.stringContaining('naem') });
    expect(command.stderr).toContain('nothing has changed');
    expect(await command.stop('SIGTERM')).toBe(0);
    expect(await reload()).toMatchObject({ code: 3 });
  });

  it('changes nothing on a configuration that cannot be used, and names what is wrong with it', async () => {
    const { systemd, command, write } = await startService();
    await write({ naem: 'Stable' });
    command.process.kill('SIGHUP');
    await waitFor(
      () => systemd.count('READY=1') === 2,
      5_000,
      () => command.stderr,
    );
    expect(command.stderr).toContain('nothing has changed');
    expect(command.stderr).toContain('naem');
    expect(await command.stop('SIGTERM')).toBe(0);
  });
});

describe('porthole reload', () => {
  it('says that a password that systemd has copied at the start takes a restart', async () => {
    const folder = await tempDir();
    const [credential, passwordFile] = [join(folder, 'broker-password'), join(folder, 'closed/broker-password')];
    await writeFile(credential, 'old\n');
    await utimes(credential, 1, 1);
    // Stands for a file that root alone can read.
    await mkdir(passwordFile, { recursive: true });
    const broker = { url: 'mqtt://127.0.0.1:1', username: 'me', passwordFile };
    const { state } = await startService({ broker }, { CREDENTIALS_DIRECTORY: folder });
    expect(await runCommand('reload', '--state', state)).toMatchObject({
      code: 0,
      stdout: 'broker.password: takes a restart\n',
    });
  });
});

describe('porthole agent, with its standard error in the journal', () => {
  async function startInJournal(env: Record<string, string>) {
    const folder = await tempDir();
    const journal = await open(join(folder, 'journal'), 'w');
    const { dev, ino } = await journal.stat();
    const child = spawn(process.execPath, [cliPath, 'agent', '--state', folder, '--camera', 'test'], {
      env: { ...process.env, ...env, JOURNAL_STREAM: `${dev}:${ino}` },
      stdio: ['ignore', 'ignore', journal.fd],
    });
    onTestEnd(() => child.kill('SIGKILL'));
    onTestEnd(() => journal.close());
    const lines = async () => (await readFile(join(folder, 'journal'), 'utf8')).split('\n').filter(Boolean);
    return { child, lines };
  }

  it('writes lines with a priority', async () => {
    const { lines } = await startInJournal({ PORTHOLE_BROKER_URL: 'mqtt://127.0.0.1:1' });
    await waitFor(
      async () => (await lines()).some((line) => line.startsWith('<4>broker not connected')),
      15_000,
      lines,
    );
    expect((await lines()).filter((line) => !/^<[3467]>\S/.test(line))).toEqual([]);
  });

  it('says as an error why it cannot run, each problem on a line of its own', async () => {
    const { child, lines } = await startInJournal({ PORTHOLE_NAEM: 'x', PORTHOLE_AUDIO_SOURCE: 'default' });
    expect(await once(child, 'exit')).toEqual([2, null]);
    expect(await lines()).toEqual([
      '<3>The configuration cannot be used:',
      expect.stringMatching(/^<3> {2}PORTHOLE_NAEM: /),
      expect.stringMatching(/^<3> {2}PORTHOLE_AUDIO_SOURCE: /),
    ]);
  });
});

describe('porthole service', () => {
  it('prints the unit with the paths of this installation', async () => {
    const { code, stdout } = await runCommand('service', 'install', '--print');
    expect(code).toBe(0);
    expect(stdout).toContain(`ExecStart=${process.execPath} `);
    expect(stdout).toContain('WatchdogSec=');
    expect(await runCommand('service', 'dance')).toMatchObject({ code: 2, stderr: expect.stringContaining('"dance"') });
  });

  it('writes the unit and what belongs to it, enables it and starts it', async () => {
    const { installation, root, runs } = await buildInstallation();
    expect(await installation.install()).toEqual({ isStarted: true });
    const unit = await readFile(join(root, 'etc/systemd/system/porthole.service'), 'utf8');
    expect(unit).toContain('ExecStart=/usr/bin/node /usr/lib/node_modules/porthole/dist/cli.js agent');
    const [, condition] = /^ExecCondition=\/bin\/sh (.*)$/m.exec(unit) ?? [];
    expect(existsSync(condition ?? '')).toBe(true);
    expect(runs).toEqual([
      'systemd-sysusers',
      'systemd-tmpfiles',
      'systemctl daemon-reload',
      'systemctl enable',
      'systemctl restart',
      'systemctl is-active',
    ]);
  });

  it('tells whether it runs, which it does not before somebody has set something', async () => {
    const { installation } = await buildInstallation({ isActive: false });
    expect(await installation.install()).toEqual({ isStarted: false });
  });

  it('removes what it wrote, and nothing else', async () => {
    const { installation, root } = await buildInstallation();
    await expect(installation.uninstall()).rejects.toThrow('no service');
    await installation.install();
    await writeFile(join(root, 'etc/systemd/system/other.service'), '');
    await installation.uninstall();
    const left = await readdir(root, { recursive: true });
    expect(left.filter((path) => /\.(service|conf)$/.test(path))).toEqual(['etc/systemd/system/other.service']);
  });

  it.each([
    ['whoever is not root', { isRoot: false }, 'sudo porthole service install'],
    ['a Node.js in a home folder', { command: ['/home/pi/.nvm/node', '/usr/lib/cli.js'] }, '/home/pi/.nvm/node'],
    // The name belongs to nobody in the registry of npm, or to somebody else.
    ['a Porthole in one', { command: ['/usr/bin/node', '/root/cli.js'] }, 'sudo npm install -g ./porthole-'],
  ])('refuses %s, and says what to do', async (_, options, sentence) => {
    const { installation, root, runs } = await buildInstallation(options);
    await expect(installation.install()).rejects.toThrow(sentence);
    expect([runs, await readdir(root)]).toEqual([[], []]);
  });

  it('leaves the service of the Debian package alone', async () => {
    const { installation, root, runs } = await buildInstallation();
    await addPackagedUnit(root);
    await expect(installation.install()).rejects.toThrow('Debian package');
    await expect(installation.uninstall()).rejects.toThrow('Debian package');
    expect(runs).toEqual([]);
  });

  it('gives its place to a service of the Debian package that came later', async () => {
    const { installation, root, runs } = await buildInstallation();
    await installation.install();
    await addPackagedUnit(root);
    runs.length = 0;
    expect(await installation.uninstall()).toEqual({ isReplaced: true });
    expect(runs).toEqual(['systemctl daemon-reload', 'systemctl reenable', 'systemctl try-restart']);
    expect(await readdir(join(root, 'etc/systemd/system'))).toEqual([]);
  });

  it('does not remove a unit that somebody else has written', async () => {
    const { installation, root, runs } = await buildInstallation();
    await mkdir(join(root, 'etc/systemd/system'), { recursive: true });
    await writeFile(
      join(root, 'etc/systemd/system/porthole.service'),
      '[Service]\nExecStart=/usr/bin/porthole agent\n',
    );
    await expect(installation.uninstall()).rejects.toThrow('and stays');
    expect(runs).toEqual([]);
    expect(await readdir(join(root, 'etc/systemd/system'))).toEqual(['porthole.service']);
  });
});

async function addPackagedUnit(root: string): Promise<void> {
  await mkdir(join(root, 'usr/lib/systemd/system'), { recursive: true });
  await writeFile(join(root, 'usr/lib/systemd/system/porthole.service'), '');
}

async function buildInstallation({
  isActive = true,
  ...options
}: {
  isRoot?: boolean;
  command?: string[];
  isActive?: boolean;
} = {}) {
  const root = await tempDir();
  const runs: string[] = [];
  const installation = new ServiceInstallation({
    templateDir: new URL('../../../packaging/systemd', import.meta.url).pathname,
    command: ['/usr/bin/node', '/usr/lib/node_modules/porthole/dist/cli.js'],
    isRoot: true,
    run: async (program, args) => {
      runs.push(program === 'systemctl' ? `${program} ${args[0]}` : program);
      if (args[0] === 'is-active' && !isActive) throw new Error('exit code 3');
    },
    root,
    ...options,
  });
  return { installation, root, runs };
}

/** Level and name of each setting that a reload has told of. */
function settingsIn(log: string): unknown[] {
  const events = log
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { level: string; setting?: string });
  return events.filter(({ setting }) => setting !== undefined).map(({ level, setting }) => [level, setting]);
}

/** Waits until a count has stood still for 500 ms, five times as long as it takes to grow. */
async function settled(count: () => number): Promise<number> {
  let seen = count();
  let sinceMs = performance.now();
  await waitFor(() => {
    if (count() !== seen) {
      seen = count();
      sinceMs = performance.now();
    }
    return performance.now() - sinceMs > 500;
  }, 5_000);
  return seen;
}
