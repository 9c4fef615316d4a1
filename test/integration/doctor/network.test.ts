import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { AgentConfig } from '../../../agent/config/config-schema.ts';
import { checkStun } from '../../../agent/doctor/check-stun.ts';
import { checkTurn } from '../../../agent/doctor/check-turn.ts';
import type { Finding } from '../../../agent/doctor/finding.ts';
import { gathersRelay } from '../../../agent/rtc/ice-probe.ts';
import { FakeStunServer } from '../../fakes/fake-stun-server.ts';
import { DeployFolder, DeployProgram, findFreePorts, isInstalled } from '../../helpers/deploy-program.ts';

const none = { stun: [], lanOnly: false } satisfies AgentConfig['ice'];
const publicAddress = '203.0.113.7';
const secret = 'secret-of-the-relay';
/** What nothing waits out: a machine with much to do must not look like a server that is silent. */
const patientMs = 15_000;
/** Where silence is the answer: enough for the servers beside the silent one. */
const silenceMs = 1_000;

function stunCheck(ice: Partial<AgentConfig['ice']>, timeoutMs = patientMs): Promise<Finding[]> {
  return checkStun({ ...none, ...ice }, { timeoutMs });
}

function levels(findings: readonly Finding[]): string[] {
  return findings.map(({ check, level }) => `${check} ${level}`);
}

describe('STUN', () => {
  it('finds a device without NAT', async () => {
    const servers = [await FakeStunServer.start(), await FakeStunServer.start()];
    const findings = await stunCheck({ stun: servers.map(({ url }) => url) });
    expect(levels(findings)).toEqual(['stun ok', 'stun ok', 'nat ok']);
    expect(findings[2]?.details).toMatchObject({ mapping: 'none' });
  });

  it('finds a NAT that shows the same port to two servers, and does not tell the public address', async () => {
    const mapped = () => ({ address: publicAddress, port: 40_000 });
    const servers = [await FakeStunServer.start({ mapped }), await FakeStunServer.start({ mapped })];
    const findings = await stunCheck({ stun: servers.map(({ url }) => url) });
    expect(findings[2]).toMatchObject({ check: 'nat', level: 'ok', details: { mapping: 'endpoint-independent' } });
    expect(JSON.stringify(findings)).not.toContain(publicAddress);
  });

  it('warns of a symmetric NAT, which shows each server another port, unless there is a relay', async () => {
    const servers = await Promise.all(
      [40_000, 40_001].map((port) => FakeStunServer.start({ mapped: () => ({ address: publicAddress, port }) })),
    );
    const stun = servers.map(({ url }) => url);
    const [, , nat] = await stunCheck({ stun });
    expect(nat).toMatchObject({ check: 'nat', level: 'warning', details: { mapping: 'address-dependent' } });
    expect(nat?.advice).toContain('ice.turn');
    const turn = { urls: ['turn:relay.example'], secret, ttlSeconds: 3600 };
    expect(levels(await stunCheck({ stun, turn }))).toEqual(['stun ok', 'stun ok', 'nat ok']);
  });

  it('asks again when a request is lost', async () => {
    const server = await FakeStunServer.start({ lost: 1 });
    expect(levels(await stunCheck({ stun: [server.url] }))).toEqual(['stun ok', 'nat ok']);
  });

  it('calls UDP blocked when no server answers', async () => {
    const silent = createSocket('udp4').bind(0, '127.0.0.1');
    onTestFinished(() => void silent.close());
    await once(silent, 'listening');
    const [finding, ...others] = await stunCheck({ stun: [`stun:127.0.0.1:${silent.address().port}`] }, silenceMs);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ check: 'stun', level: 'failure', details: { fault: 'udp-blocked' } });
    expect(finding?.advice).toMatch(/^Allow outgoing UDP/);
  });

  it('tells a network without names from one without UDP', async () => {
    const [finding] = await stunCheck({ stun: ['stun:no-such-host.invalid:3478'] });
    expect(finding).toMatchObject({ check: 'stun', level: 'failure', details: { fault: 'unresolved' } });
  });

  it('warns of one silent server among others, and of an address that the device cannot use', async () => {
    const server = await FakeStunServer.start();
    const findings = await stunCheck({ stun: [server.url, 'stun:127.0.0.1:9', 'stuns:127.0.0.1'] }, silenceMs);
    expect(levels(findings)).toEqual(['stun ok', 'stun warning', 'stun warning', 'nat ok']);
  });

  it('cannot tell the kind of NAT from one server', async () => {
    const server = await FakeStunServer.start({ mapped: () => ({ address: publicAddress, port: 40_000 }) });
    expect(levels(await stunCheck({ stun: [server.url] }))).toEqual(['stun ok', 'nat skipped']);
  });

  it('is not asked for on a network of its own', async () => {
    expect(levels(await stunCheck({ stun: ['stun:127.0.0.1:9'], lanOnly: true }))).toEqual(['stun skipped']);
  });
});

describe('TURN', () => {
  const check = (url: string, { ownSecret = secret, timeoutMs = patientMs } = {}) =>
    checkTurn(
      { ...none, turn: { urls: [url], secret: ownSecret, ttlSeconds: 3600 } },
      { wallClockMs: Date.now, timeoutMs, gathersRelay },
    );

  it('is no trouble where it is not configured', async () => {
    expect(levels(await checkTurn(none, { wallClockMs: Date.now, gathersRelay }))).toEqual(['turn skipped']);
  });

  it('tells a server that does not answer', async () => {
    const [finding] = await check('turn:127.0.0.1:9', { timeoutMs: silenceMs });
    expect(finding).toMatchObject({ check: 'turn', level: 'failure', details: { fault: 'silent' } });
  });

  it('tells an address that serves browsers alone', async () => {
    const [finding] = await check('turns:127.0.0.1:9');
    expect(finding).toMatchObject({ check: 'turn', level: 'warning', details: { fault: 'not-udp' } });
  });

  it('tells a server of something else', async () => {
    const server = await FakeStunServer.start();
    const [finding] = await check(`turn:127.0.0.1:${server.port}`);
    expect(finding).toMatchObject({ check: 'turn', level: 'failure', details: { fault: 'malformed' } });
  });

  describe.skipIf(!isInstalled('turnserver', 'coturn'))('at coturn', () => {
    it('gets a relay address with the right secret', async () => {
      expect(levels(await check(await startCoturn()))).toEqual(['turn ok', 'turn-relay ok']);
    });

    it('names a wrong secret, without telling it', async () => {
      const findings = await check(await startCoturn(), { ownSecret: 'some-other-secret' });
      expect(findings).toHaveLength(1);
      expect(findings[0]).toMatchObject({ check: 'turn', level: 'failure', details: { fault: 401 } });
      expect(findings[0]?.advice).toContain('static-auth-secret');
      expect(JSON.stringify(findings)).not.toContain('some-other-secret');
    });

    it('warns of a server that relays for anybody', async () => {
      const [finding] = await check(await startCoturn(['--no-auth']));
      expect(finding).toMatchObject({ check: 'turn', level: 'warning', details: { fault: 'open' } });
    });
  });
});

async function startCoturn(access = ['--use-auth-secret', `--static-auth-secret=${secret}`]): Promise<string> {
  const [port] = await findFreePorts(1);
  const folder = await DeployFolder.create();
  onTestFinished(() => folder.remove());
  const coturn = new DeployProgram('turnserver', [
    ...['-n', '--realm=porthole.test', '--no-cli', '--no-tls', '--no-dtls', '--log-file=stdout', '--relay-threads=1'],
    ...[
      '--listening-ip=127.0.0.1',
      `--listening-port=${port}`,
      '--relay-ip=127.0.0.1',
      `--pidfile=${folder.in('pid')}`,
    ],
    ...access,
  ]);
  onTestFinished(() => coturn.stop());
  await coturn.untilListening([port!]);
  return `turn:127.0.0.1:${port}`;
}
