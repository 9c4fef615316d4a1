import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { hashPassword } from '../../../broker/password-hash.ts';
import { endAll, RunningCommand, tempDir, waitFor } from '../../helpers/e2e/command.ts';

afterEach(endAll);

const password = 'open sesame';

/** A broker with its page, on free ports, and one account that may use the topics of any device. */
async function startBroker() {
  const users = join(await tempDir(), 'users.yaml');
  const passwordHash = await hashPassword(password);
  const device = { name: 'device', passwordHash, publish: ['porthole/1/#'], subscribe: ['porthole/1/#'] };
  await writeFile(users, JSON.stringify({ users: [device] }));
  const broker = new RunningCommand(['broker', '--port', '0', '--mqtt-port', '0', '--broker-users', users]);
  const [, page = '', mqttPort = '', webSocket = ''] =
    /page (\S+) +MQTT (\d+) +MQTT over WebSocket (\S+)/.exec(await broker.firstLine()) ?? [];
  return { page, mqtt: `mqtt://127.0.0.1:${mqttPort}`, webSocket };
}

async function startBench() {
  const folder = await tempDir();
  const file = join(folder, 'porthole.yaml');
  const env = { XDG_STATE_HOME: join(folder, 'state'), PORTHOLE_CONFIG: '' };
  const start = (...args: string[]) => new RunningCommand([...args, '--config', file], env);
  const run = async (...args: string[]) => {
    const command = start(...args);
    const code = await command.untilExit();
    return { code, stdout: command.stdout, stderr: command.stderr };
  };
  return { folder, file, start, run };
}

describe('porthole setup', () => {
  it('tries the answers, writes them, and an agent runs by them', async () => {
    const { page, mqtt, webSocket } = await startBroker();
    const { folder, file, start, run } = await startBench();
    await writeFile(join(folder, 'given'), `${password}\n`);
    const account = ['--username', 'device', '--password-file', join(folder, 'given')];
    const addresses = ['--broker', mqtt, '--page-url', page, '--links-broker-url', webSocket];
    const setup = await run('setup', '--json', '--camera', 'test', '--name', 'Shed', ...addresses, ...account);
    expect(setup).toMatchObject({ code: 0, stderr: '' });
    const facts = JSON.parse(setup.stdout);
    expect(facts).toMatchObject({
      config: file,
      passwordFile: join(folder, 'broker-password'),
      deviceId: expect.stringMatching(/^[0-9a-f]{32}$/),
    });
    expect(facts.next[0]).toBe(`porthole agent --config ${file}`);
    const camera = facts.findings.find(({ check }: { check: string }) => check === 'camera');
    expect(camera).toMatchObject({ level: 'ok' });
    expect((await stat(file)).mode & 0o777).toBe(0o640);

    const agent = start('agent', '--log-level', 'info');
    // Nobody is paired yet, so the log has a link.
    await waitFor(
      () => agent.stderr.includes('/pair?'),
      10_000,
      () => agent.stderr,
    );
    const status = await waitFor(
      async () => {
        const told = JSON.parse((await run('status', '--json')).stdout);
        return told.broker.online ? told : null;
      },
      10_000,
      () => agent.stderr,
    );
    expect(status).toMatchObject({
      deviceId: facts.deviceId,
      name: 'Shed',
      broker: { url: mqtt },
      viewers: 0,
      cameras: [{ id: 'cam0', state: 'idle' }],
    });
    expect((await run('viewers', '--json')).stdout).toContain('First viewer');
  });

  it('names a wrong password', async () => {
    const { page, mqtt, webSocket } = await startBroker();
    const { folder, run } = await startBench();
    await writeFile(join(folder, 'given'), 'wrong');
    const account = ['--username', 'device', '--password-file', join(folder, 'given')];
    const setup = await run(
      'setup',
      '--yes',
      '--broker',
      mqtt,
      '--page-url',
      page,
      '--links-broker-url',
      webSocket,
      ...account,
    );
    expect(setup.code).toBe(2);
    expect(setup.stderr).toMatch(/user|password/i);
    expect(setup.stderr).not.toContain('wrong\n');
  });

  it('writes nothing when an answer does not work, and says which', async () => {
    const { file, run } = await startBench();
    const setup = await run('setup', '--yes', '--broker', 'mqtt://127.0.0.1:1', '--camera', '/dev/video99');
    expect(setup.code).toBe(2);
    expect(setup.stderr).toMatch(/Nothing listens at 127\.0\.0\.1, port 1\./);
    expect(setup.stderr).toContain('/dev/video99');
    await expect(stat(file)).rejects.toThrow('ENOENT');
  });

  it('names what helps with the authority of a broker, and takes one away', async () => {
    const { folder, file, run } = await startBench();
    const caFile = join(folder, 'notes.txt');
    await writeFile(caFile, 'no certificate');
    const setup = await run('setup', '--yes', '--broker', 'mqtts://127.0.0.1:1', '--ca-file', caFile);
    expect(setup.code).toBe(2);
    expect(setup.stderr).toMatch(/holds no\s+certificate/);
    expect(setup.stderr).toContain('--ca-file FILE');
    expect(await run('setup', '--yes', '--ca-file', '')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('or "none"'),
    });
    await writeFile(file, 'broker:\n  url: mqtts://b.example\n  caFile: /ca.pem\n');
    expect(await run('setup', '--unchecked', '--ca-file', 'none')).toMatchObject({ code: 0 });
    expect(await readFile(file, 'utf8')).not.toContain('caFile');
  });

  it('writes unchecked answers, and keeps the password apart', async () => {
    const { folder, file, run } = await startBench();
    const passwordFile = join(folder, 'given');
    await writeFile(passwordFile, 'hunter2\n');
    const account = ['--username', 'me', '--password-file', passwordFile];
    const setup = await run('setup', '--unchecked', '--broker', 'mqtts://later.example', ...account);
    expect(setup).toMatchObject({ code: 0, stderr: '' });
    expect(setup.stdout).not.toContain('hunter2');
    const text = await readFile(file, 'utf8');
    expect(text).toContain('brokerUrl: wss://later.example/mqtt');
    expect(text).not.toContain('hunter2');
    expect(await readFile(join(folder, 'broker-password'), 'utf8')).toBe('hunter2\n');
  });
});
