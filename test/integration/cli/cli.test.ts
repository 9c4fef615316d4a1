import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { endAll, onTestEnd, RunningCommand, startUp, tempDir, waitFor } from '../../helpers/e2e/command.ts';

afterEach(endAll);

const anyPorts = ['--port', '0', '--mqtt-port', '0'];

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a command to its end, which it must find by itself. */
async function run(args: string[], env: Record<string, string> = {}): Promise<Ended> {
  const command = new RunningCommand(args, env);
  const code = await command.untilExit();
  return { code, stdout: command.stdout, stderr: command.stderr };
}

/** `porthole up`, and how its owner and viewers with keys of their own run commands against it. */
async function startBench() {
  const { facts, command } = await startUp(['--camera', 'test']);
  const keys = await tempDir();
  const state = facts.statePath;
  return {
    ...facts,
    command,
    owner: (...args: string[]) => run([...args, '--state', state]),
    viewerArgs: (name: string, ...args: string[]) => [...args, '--identity', join(keys, name), '--timeout', '10'],
  };
}

/** Processes of this machine with this text on their command line. */
async function processesWith(text: string): Promise<string[]> {
  const found: string[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const commandLine = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    if (commandLine.includes(text)) found.push(commandLine.replaceAll('\0', ' '));
  }
  return found;
}

describe('porthole', () => {
  it('explains itself, and every command', async () => {
    const { stdout } = await run(['--help']);
    const names = [...stdout.matchAll(/^ {2}([a-z]+)/gm)].map(([, name = '']) => name);
    expect(names).toEqual(
      expect.arrayContaining(['up', 'agent', 'broker', 'invite', 'viewers', 'revoke', 'view', 'call']),
    );
    expect(await run(['view', '--help'])).toMatchObject({ code: 0, stdout: expect.stringContaining('--seconds N') });
    expect(await run(['--version'])).toMatchObject({ code: 0, stdout: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) });
    expect(await run(['dance'])).toMatchObject({ code: 2, stderr: expect.stringContaining('"dance"') });
    expect((await run([])).code).toBe(2);
  });

  it('pairs, lists, shows, commands and revokes', async () => {
    const { owner, viewerArgs } = await startBench();
    const { link, role } = JSON.parse((await owner('invite', '--role', 'control', '--json')).stdout);
    expect(role).toBe('control');
    const shown = await run(viewerArgs('anna', 'view', link, '--seconds', '2', '--json'));
    expect(shown).toMatchObject({ code: 0, stderr: '' });
    const report = JSON.parse(shown.stdout);
    expect(report).toMatchObject({ state: 'connected', packetsLost: 0 });
    expect(report.framesPerSecond).toBeGreaterThan(20);

    const info = await run(viewerArgs('anna', 'call', link, 'device.info'));
    expect(JSON.parse(info.stdout)).toMatchObject({ architecture: expect.any(String) });
    expect(await run(viewerArgs('anna', 'call', link, 'device.explode'))).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('[method-not-found]'),
    });
    expect(await run(viewerArgs('anna', 'call', link, 'access.list'))).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('[forbidden]'),
    });
    expect(await run(viewerArgs('bert', 'call', link, 'device.info'))).toMatchObject({
      code: 4,
      stderr: expect.stringContaining('[invite-invalid]'),
    });

    const { grants } = JSON.parse((await owner('viewers', '--json')).stdout);
    expect(grants).toMatchObject([{ role: 'control', label: 'porthole command' }]);
    expect((await owner('viewers')).stdout).toContain(grants[0].viewerId);
    expect((await owner('revoke', grants[0].viewerId)).code).toBe(0);
    expect(await owner('revoke', grants[0].viewerId)).toMatchObject({ code: 1 });
    expect(await run(viewerArgs('anna', 'call', link, 'device.info'))).toMatchObject({ code: 4 });
  });

  it('prints the id that the device will have before it runs for the first time', async () => {
    const state = await tempDir();
    const { stdout } = await run(['id', '--state', state]);
    expect(stdout).toMatch(/^[0-9a-f]{32}\n$/);
    const { facts } = await startUp(['--camera', 'test', '--state', state]);
    expect(facts.deviceId).toBe(stdout.trim());
  });

  it('keeps the data of a result in a file', async () => {
    const { link, viewerArgs } = await startBench();
    const file = join(await tempDir(), 'still.jpg');
    const { code, stdout } = await run(viewerArgs('anna', 'call', link, 'camera.snapshot', '{}', '--output', file));
    expect(code).toBe(0);
    const { bulk } = JSON.parse(stdout);
    expect((await readFile(file)).length).toBe(bulk.sizeBytes);
  });

  it('ends a watch whose viewer is revoked, with what it has seen until then', async () => {
    const { link, owner, viewerArgs, command } = await startBench();
    const watching = new RunningCommand(viewerArgs('anna', 'view', link, '--seconds', '60', '--json'));
    await waitFor(() => command.stderr.includes('session open'), 10_000);
    const { grants } = JSON.parse((await owner('viewers', '--json')).stdout);
    await owner('revoke', grants[0].viewerId);
    expect(await watching.untilExit()).toBe(4);
    expect(JSON.parse(watching.stdout)).toMatchObject({ state: 'failed' });
    expect(watching.stderr).toContain('[revoked]');
  });

  it('lets go of a viewer whose process was killed, and goes on serving another', async () => {
    const { link, viewerArgs, command } = await startBench();
    const other = new RunningCommand(viewerArgs('bert', 'view', link, '--seconds', '60', '--json'));
    const killed = new RunningCommand(viewerArgs('anna', 'view', link, '--seconds', '60'));
    await waitFor(() => command.stderr.split('session open').length === 3, 10_000);
    await killed.stop('SIGKILL');
    await waitFor(
      () => command.stderr.includes('"reason":"dead-path"'),
      15_000,
      () => command.stderr,
    );
    expect(await other.stop()).toBe(0);
    expect(JSON.parse(other.stdout).framesPerSecond).toBeGreaterThan(20);
  });

  it('ends within 3 s of Ctrl-C while somebody watches, and leaves no process and no socket', async () => {
    const { link, statePath, viewerArgs, command } = await startBench();
    const watching = new RunningCommand(viewerArgs('anna', 'view', link, '--seconds', '60'));
    await waitFor(() => command.stderr.includes('camera live'), 10_000);
    expect((await processesWith(statePath)).length).toBeGreaterThan(1);
    const startedAtMs = performance.now();
    expect(await command.stop()).toBe(0);
    expect(performance.now() - startedAtMs).toBeLessThan(3_000);
    expect(await readdir(join(statePath, 'run'))).toEqual([]);
    expect(await processesWith(statePath)).toEqual([]);
    await watching.stop();
  });
});

describe('porthole, in trouble', () => {
  it('ends quietly on Ctrl-C while it still looks for an encoder', async () => {
    const state = await tempDir();
    const ffmpeg = join(state, 'ffmpeg');
    // Tells its version, and encodes for ever.
    const script = '#!/bin/sh\ncase "$*" in *-version*) echo ffmpeg version 6.1;; *) exec sleep 60;; esac\n';
    await writeFile(ffmpeg, script, { mode: 0o755 });
    const command = new RunningCommand(['up', ...anyPorts, '--state', state, '--camera', 'test'], {
      PORTHOLE_FFMPEG_PATH: ffmpeg,
      XDG_CACHE_HOME: state,
    });
    await waitFor(() => command.stderr.includes('agent started'), 10_000);
    expect(await command.stop()).toBe(0);
    expect(command.stdout).toBe('');
    expect(command.stderr).not.toContain('report');
  });

  it('shows the password of a camera to nobody who looks at the processes', async () => {
    const source = 'rtsp://bob:hunter2@127.0.0.1:1/';
    const command = new RunningCommand(['up', ...anyPorts, '--state', await tempDir(), '--camera', source]);
    await waitFor(() => command.stderr.includes('agent started'), 10_000);
    const [own] = await processesWith('rtsp://***@127.0.0.1:1/');
    expect(own).toMatch(/^porthole up --port 0 /);
    expect(await processesWith('hunter2')).toEqual([]);
  });

  it('says why a camera gives no picture', async () => {
    const { facts } = await startUp(['--camera', '/dev/video987']);
    const identity = join(await tempDir(), 'key');
    const ended = await run(['view', facts.link, '--seconds', '1', '--json', '--identity', identity]);
    expect(ended).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/The camera “video987” is missing – .+\n/),
    });
    expect(JSON.parse(ended.stdout)).toMatchObject({ camera: { id: 'cam0', state: 'missing' } });
  });

  it('names an ffmpeg that is not there', async () => {
    const state = await tempDir();
    const ended = await run(['up', ...anyPorts, '--state', state], { PORTHOLE_FFMPEG_PATH: '/nowhere/ffmpeg' });
    expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining('[ffmpeg-not-found]') });
    expect(ended.stderr).toContain('/nowhere/ffmpeg');
    expect(await readdir(join(state, 'run'))).toEqual([]);
  });

  it('names everything that is wrong with a configuration', async () => {
    const folder = await tempDir();
    const absent = await run(['agent', '--config', join(folder, 'absent.yaml')]);
    expect(absent).toMatchObject({ code: 2, stderr: expect.stringContaining('absent.yaml') });
    const file = join(folder, 'porthole.yaml');
    await writeFile(file, 'naem: Barn\ncameras:\n  - source: test\n    fps: 1000\n');
    const wrong = await run(['agent', '--config', file, '--state', folder]);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('naem');
    expect(wrong.stderr).toContain('cameras[0].fps');
    await writeFile(file, 'name: [');
    expect(await run(['agent', '--config', file])).toMatchObject({ code: 2, stderr: expect.stringContaining(file) });
  });

  it('names a camera source that is none', async () => {
    const ended = await run(['up', ...anyPorts, '--state', await tempDir(), '--camera', 'gopher://camera']);
    expect(ended).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('--camera must be test, file:PATH, /dev/videoN'),
    });
  });

  it.each(['--port', '--mqtt-port'])('names a port that is taken: %s', async (flag) => {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestEnd(() => new Promise((resolve) => server.close(resolve)));
    const { port } = server.address() as AddressInfo;
    const ended = await run(['up', ...anyPorts, flag, String(port), '--state', await tempDir()]);
    expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining('[port-in-use]') });
    expect(ended.stderr).toContain(
      `Port ${port} on 127.0.0.1 is used by another program. Choose another with ${flag} `,
    );
  });

  it('does not run twice on one state', async () => {
    const { statePath, link, viewerArgs } = await startBench();
    const second = await run(['up', ...anyPorts, '--state', statePath, '--camera', 'test']);
    expect(second).toMatchObject({ code: 1, stderr: expect.stringContaining('[already-running]') });
    expect((await run(viewerArgs('anna', 'call', link, 'device.ping'))).code).toBe(0);
  });

  it('says that no agent runs here', async () => {
    const state = await tempDir();
    for (const args of [['viewers'], ['invite'], ['revoke', 'abcd']]) {
      const ended = await run([...args, '--state', state]);
      expect(ended).toMatchObject({ code: 3, stderr: expect.stringContaining('[not-running]') });
    }
  });

  it('says which part of the way to a device is broken', async () => {
    const identity = ['--identity', join(await tempDir(), 'key'), '--timeout', '1'];
    expect(await run(['view', 'http://page.example/', ...identity])).toMatchObject({ code: 2 });
    const key = Buffer.alloc(32, 9).toString('base64url');
    const nobody = `http://page.example/#/pair?k=${key}&b=${encodeURIComponent('ws://127.0.0.1:1/mqtt')}`;
    expect(await run(['view', nobody, ...identity])).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('[broker-unreachable]'),
    });
    const broker = new RunningCommand(['broker', ...anyPorts]);
    const address = /ws:\/\/\S+/.exec(await broker.firstLine())?.[0] ?? '';
    const absent = `http://page.example/#/pair?k=${key}&b=${encodeURIComponent(address)}`;
    expect(await run(['call', absent, 'device.ping', ...identity])).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('[device-silent]'),
    });
    expect(await broker.stop('SIGTERM')).toBe(0);
  });

  it.each([
    ['a flag it does not know', ['view', 'x', '--colour']],
    ['a number that is none', ['up', '--port', 'http']],
    ['a role that is none', ['invite', '--role', 'king']],
    ['parameters that are no object', ['call', 'x', 'device.ping', '[1]']],
  ])('refuses %s before it does anything', async (_, args) => {
    expect(await run([...args], { XDG_STATE_HOME: await tempDir() })).toMatchObject({ code: 2, stdout: '' });
  });
});
