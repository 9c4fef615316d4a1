import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import mqtt from 'mqtt';
import { afterEach, describe, expect, it } from 'vitest';
import { hashPassword } from '../../broker/password-hash.ts';
import { openBrowser, ViewerPage } from '../helpers/e2e/browser.ts';
import { endAll, onTestEnd, RunningCommand, runCommand, startUp, tempDir, waitFor } from '../helpers/e2e/command.ts';

afterEach(endAll);

/** Two ports that were free a moment ago: a broker that comes back has to have the same ones. */
async function freePorts(): Promise<[number, number]> {
  const servers = [createServer(), createServer()];
  const ports = await Promise.all(
    servers.map(
      (server) =>
        new Promise<number>((resolve) => {
          server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
        }),
    ),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports as [number, number];
}

async function writeUsers(
  users: { name: string; password: string; publish?: string[]; subscribe: string[] }[],
): Promise<string> {
  const file = join(await tempDir(), 'users.yaml');
  const hashed = await Promise.all(
    users.map(async ({ password, ...user }) => ({ ...user, passwordHash: await hashPassword(password) })),
  );
  // JSON is YAML.
  await writeFile(file, JSON.stringify({ users: hashed }));
  return file;
}

describe('the broker', () => {
  it('sees no description, address or name in clear', async () => {
    const users = await writeUsers([{ name: 'auditor', password: 'all ears', subscribe: ['#'] }]);
    const { facts } = await startUp(['--camera', 'test', '--name', 'Secret Shed', '--broker-users', users]);
    const auditor = await mqtt.connectAsync(facts.broker, { username: 'auditor', password: 'all ears' });
    onTestEnd(() => auditor.endAsync(true));
    const heard: { topic: string; payload: Buffer }[] = [];
    auditor.on('message', (topic, payload) => heard.push({ topic, payload }));
    await auditor.subscribeAsync('#');
    const viewer = await ViewerPage.open(await openBrowser(), facts.link);
    await viewer.untilMoved(300);
    const kinds = new Set(heard.map(({ topic }) => topic.split('/')[3]));
    expect([...kinds].sort()).toEqual(['in', 'out', 'status']);
    const session = heard.filter(({ topic }) => !topic.endsWith('/status'));
    // The hello, the offer, the answer and a candidate at least, or nothing was proved.
    expect(session.length).toBeGreaterThanOrEqual(3);
    const everything = Buffer.concat(heard.map(({ payload }) => payload)).toString('latin1');
    // Each of four bytes at least: in ten thousand random bytes one of two stands by chance, once in seven runs.
    for (const secret of [
      'v=0\r\n',
      'a=ice-',
      'a=fingerprint',
      'candidate',
      '"sdp"',
      '127.0.0.1',
      '192.168.',
      '.local',
      'Secret Shed',
      'Chrome',
      'hello',
      'H264',
    ]) {
      expect(everything).not.toContain(secret);
    }
    // Sealed bytes look random: no byte value is much more frequent than the others.
    const counts = new Array<number>(256).fill(0);
    for (const { payload } of session) for (const byte of payload.subarray(40)) counts[byte] = (counts[byte] ?? 0) + 1;
    const total = counts.reduce((sum, count) => sum + count, 0);
    expect(Math.max(...counts)).toBeLessThan(total / 64);
    console.log(`${heard.length} MQTT messages of a session, ${total} sealed bytes, nothing in clear`);
  });

  it('may die and come back while the picture goes on', async () => {
    const [port, mqttPort] = await freePorts();
    const users = await writeUsers([
      {
        name: 'device',
        password: 'shed',
        publish: ['porthole/1/+/status', 'porthole/1/+/out/+'],
        subscribe: ['porthole/1/+/in/+'],
      },
    ]);
    const startBroker = async () => {
      const broker = new RunningCommand([
        'broker',
        '--port',
        `${port}`,
        '--mqtt-port',
        `${mqttPort}`,
        '--broker-users',
        users,
      ]);
      await broker.firstLine();
      return broker;
    };
    const broker = await startBroker();
    const state = await tempDir();
    const agent = new RunningCommand(['agent', '--state', state, '--camera', 'test'], {
      PORTHOLE_BROKER_URL: `mqtt://127.0.0.1:${mqttPort}`,
      PORTHOLE_BROKER_USERNAME: 'device',
      PORTHOLE_BROKER_PASSWORD: 'shed',
      PORTHOLE_LINKS_PAGE_URL: `http://127.0.0.1:${port}/`,
      PORTHOLE_LINKS_BROKER_URL: `ws://127.0.0.1:${port}/mqtt`,
      PORTHOLE_ICE_LAN_ONLY: 'true',
    });
    await waitFor(
      () => agent.stderr.includes('broker connected'),
      10_000,
      () => agent.stderr,
    );
    const invite = await runCommand('invite', '--json', '--uses', 'many', '--state', state);
    const { link } = JSON.parse(invite.stdout) as { link: string };
    const context = await openBrowser();
    const viewer = await ViewerPage.open(context, link);
    await viewer.untilMoved(300);

    await broker.stop('SIGKILL');
    await waitFor(
      () => agent.stderr.includes('broker not connected'),
      10_000,
      () => agent.stderr,
    );
    await viewer.untilMoved(3_000);
    expect(await viewer.read((view) => view.call('device.ping', {}))).toMatchObject({ nowMs: expect.any(Number) });
    expect(await viewer.read((view) => view.state)).toBe('connected');

    await startBroker();
    await waitFor(
      () => agent.stderr.split('broker connected').length > 2,
      40_000,
      () => agent.stderr,
    );
    await viewer.untilMoved(300);
    const late = await ViewerPage.open(context, link);
    await late.untilMoved(300);

    await agent.stop();
    await viewer.untilState('reconnecting');
    await waitFor(async () => (await viewer.stateLine()).includes('offline'), 15_000);
  });

  it('is named on the page when it cannot be reached', async () => {
    const { facts } = await startUp(['--camera', 'test']);
    const [port] = await freePorts();
    const viewer = await ViewerPage.open(await openBrowser(), facts.link);
    await viewer.untilState('connected');
    const unreachable = facts.link.replace(/b=[^&]+/, `b=${encodeURIComponent(`ws://127.0.0.1:${port}/mqtt`)}`);
    await viewer.read((view) => view.disconnect());
    await viewer.page.goto('about:blank');
    await viewer.page.goto(unreachable);
    await viewer.untilState('waiting');
    expect(await viewer.stateLine()).toContain('broker cannot be reached');
  });
});
