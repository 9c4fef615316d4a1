import { describe, expect, it, onTestFinished } from 'vitest';
import { type BrokerCheckContext, checkBroker } from '../../../agent/doctor/check-broker.ts';
import type { Finding } from '../../../agent/doctor/finding.ts';
import { Broker, type BrokerOptions } from '../../../broker/broker.ts';
import { hashPassword } from '../../../broker/password-hash.ts';
import { buildDeviceTopics } from '../../../protocol/topics.ts';
import { FakeLogger } from '../../fakes/support-logger.ts';
import { DeployFolder, DeployProgram, findFreePorts, isInstalled, runProgram } from '../../helpers/deploy-program.ts';
import { createSelfSigned, startSilent, startTls } from '../../helpers/doctor-servers.ts';

const deviceId = 'd'.repeat(32);
const topics = buildDeviceTopics('porthole', deviceId);
const account = { username: 'device', password: 'secret-of-the-device' };
// Slow to make, as it should be.
const hash = hashPassword(account.password);

async function startBroker(options: Partial<BrokerOptions> = {}) {
  const broker = new Broker({
    httpPort: 0,
    mqttPort: 0,
    agentCredentials: { ...account, deviceId },
    logger: new FakeLogger(),
    ...options,
  });
  onTestFinished(() => broker.stop());
  const { httpPort, mqttPort } = await broker.start();
  return { httpPort, mqttPort, url: `mqtt://127.0.0.1:${mqttPort}`, browserUrl: `ws://127.0.0.1:${httpPort}/mqtt` };
}

/** What nothing waits out: a machine with much to do must not look like a broker that is silent. */
const patientMs = 15_000;
/** Where silence is the answer: enough for the steps before it. */
const silenceMs = 1_500;

function check(broker: object, context: Partial<BrokerCheckContext> = {}): Promise<Finding[]> {
  return checkBroker(
    { url: 'mqtt://127.0.0.1:1', topicPrefix: 'porthole', ...account, ...broker },
    { deviceId, timeoutMs: patientMs, ...context },
  );
}

/** `check level`, in the order of the report. */
function summary(findings: readonly Finding[]): string[] {
  return findings.map((finding) => `${finding.check} ${finding.level}`);
}

/** The one trouble that is told, which must say what to do and no secret. */
function onlyTrouble(findings: readonly Finding[]): Finding {
  const troubles = findings.filter(({ level }) => level === 'failure' || level === 'warning');
  expect(troubles).toHaveLength(1);
  expect(troubles[0]?.advice).toBeTruthy();
  expect(JSON.stringify(findings)).not.toContain(account.password);
  return troubles[0]!;
}

describe('a broker that is as it should be', () => {
  it('is found to carry messages between a browser and the device, and to keep the status', async () => {
    const { url, browserUrl } = await startBroker();
    expect(summary(await check({ url }, { browserUrl }))).toEqual([
      'broker-reachable ok',
      'broker-login ok',
      'browser-broker-reachable ok',
      'browser-broker-login ok',
      'broker-topics ok',
      'browser-broker-topics ok',
      'broker-status ok',
    ]);
  });

  it('is told of as far as it goes while there is no device key', async () => {
    const { url } = await startBroker();
    expect(summary(await check({ url }, { deviceId: null }))).toEqual([
      'broker-reachable ok',
      'broker-login ok',
      'broker-topics skipped',
    ]);
  });

  it('keeps the status of an agent that runs', async () => {
    const { url, browserUrl } = await startBroker();
    await check({ url }, { browserUrl });
    const beside = await check({ url }, { browserUrl, isAgentRunning: true });
    // "offline" is what the first check left there, so it was not written again.
    expect(onlyTrouble(beside)).toMatchObject({ check: 'broker-status', level: 'warning' });
  });
});

describe('the way to the broker', () => {
  it('ends where nothing listens', async () => {
    const [port] = await findFreePorts(1);
    const trouble = onlyTrouble(await check({ url: `mqtt://127.0.0.1:${port}` }));
    expect(trouble).toMatchObject({ check: 'broker-reachable', level: 'failure', details: { fault: 'refused' } });
    expect(trouble.advice).toContain('broker.url');
  });

  it('ends at a name that nobody knows', async () => {
    expect(onlyTrouble(await check({ url: 'mqtt://no-such-host.invalid' }))).toMatchObject({
      check: 'broker-reachable',
      level: 'failure',
      message: 'No computer of the name no-such-host.invalid is known.',
    });
  });

  it('ends at a port that says nothing, in time', async () => {
    const port = await startSilent();
    const startMs = performance.now();
    const findings = await check({ url: `mqtt://127.0.0.1:${port}` }, { timeoutMs: silenceMs });
    expect(performance.now() - startMs).toBeLessThan(patientMs);
    expect(onlyTrouble(findings)).toMatchObject({ check: 'broker-login', details: { fault: 'silent' } });
  });

  it('ends at a server of something else', async () => {
    const { httpPort } = await startBroker();
    expect(onlyTrouble(await check({ url: `mqtt://127.0.0.1:${httpPort}` }))).toMatchObject({
      check: 'broker-login',
      details: { fault: 'not-mqtt' },
    });
  });

  it('ends at a web server that has its WebSocket elsewhere', async () => {
    const { httpPort } = await startBroker();
    expect(onlyTrouble(await check({ url: `ws://127.0.0.1:${httpPort}/elsewhere` }))).toMatchObject({
      check: 'broker-websocket',
      details: { fault: 'not-websocket' },
    });
  });
});

describe('logging in', () => {
  it('fails with a wrong password', async () => {
    const users = [{ name: 'garden', passwordHash: await hash, publish: ['#'], subscribe: ['#'] }];
    const { url } = await startBroker({ users });
    const trouble = onlyTrouble(await check({ url, username: 'garden', password: 'wrong' }));
    expect(trouble).toMatchObject({ check: 'broker-login', level: 'failure', details: { fault: 'bad-credentials' } });
    expect(trouble.message).toContain('"garden"');
    expect(trouble.advice).toContain('broker.password');
  });

  it('names the account of viewers when that is the wrong one', async () => {
    const { url, httpPort } = await startBroker();
    const browserUrl = `ws://viewer:wrong-password@127.0.0.1:${httpPort}/mqtt`;
    const findings = await check({ url }, { browserUrl });
    expect(onlyTrouble(findings)).toMatchObject({ check: 'browser-broker-login', level: 'failure' });
    expect(JSON.stringify(findings)).not.toContain('wrong-password');
  });
});

describe('rights', () => {
  const rights = { subscribe: [topics.inFilter], publish: [topics.out('+'), topics.status] };

  it.each([
    { missing: 'the subscription', subscribe: [], publish: rights.publish, right: `read ${topics.inFilter}` },
    { missing: 'messages to viewers', ...rights, publish: [topics.status], right: `write ${topics.out('+')}` },
    { missing: 'the status', ...rights, publish: [topics.out('+')], right: `write ${topics.status} (retained)` },
  ])('names the right to $missing when the broker refuses it', async ({ subscribe, publish, right }) => {
    const users = [{ name: 'garden', passwordHash: await hash, publish, subscribe }];
    const { url } = await startBroker({ users });
    const trouble = onlyTrouble(await check({ url, username: 'garden' }));
    expect(trouble).toMatchObject({ check: 'broker-topics', level: 'failure', details: { right } });
    expect(trouble.advice).toContain('"garden"');
  });

  it('asks for an account where the device has none', async () => {
    const { url } = await startBroker();
    const trouble = onlyTrouble(await check({ url, username: undefined, password: undefined }));
    expect(trouble).toMatchObject({ check: 'broker-topics', level: 'failure' });
    expect(trouble.advice).toContain('Set broker.username');
  });

  it('sees that browsers are led to another broker', async () => {
    const [own, other] = [await startBroker(), await startBroker()];
    const trouble = onlyTrouble(await check({ url: own.url }, { browserUrl: other.browserUrl, timeoutMs: silenceMs }));
    expect(trouble).toMatchObject({ check: 'browser-broker-topics', level: 'failure' });
    expect(trouble.advice).toContain('links.brokerUrl');
  });

  it.skipIf(!isInstalled('mosquitto', 'mosquitto'))(
    'sees what Mosquitto drops in silence, with the rights that we ship',
    async () => {
      const { url, browserUrl } = await startMosquitto();
      const fine = await check({ url, username: deviceId }, { browserUrl });
      expect(summary(fine)).toContain('browser-broker-topics ok');
      // It says yes to every subscription and publication of another's topics.
      const other = await check(
        { url, username: deviceId },
        { browserUrl, deviceId: 'e'.repeat(32), timeoutMs: silenceMs },
      );
      expect(onlyTrouble(other)).toMatchObject({ check: 'browser-broker-topics', level: 'failure' });
      const wrong = await check({ url, username: deviceId, password: 'wrong' });
      expect(onlyTrouble(wrong)).toMatchObject({ check: 'broker-login', details: { fault: 'not-authorised' } });
    },
  );
});

describe('TLS', () => {
  it('takes a certificate of the configured authority', async () => {
    const { mqttPort } = await startBroker();
    const certificate = createSelfSigned({ altName: 'IP:127.0.0.1', days: 100 });
    const url = `mqtts://127.0.0.1:${await startTls(certificate, mqttPort)}`;
    const findings = await check({ url, caFile: certificate.certFile });
    expect(summary(findings)).toEqual(['broker-reachable ok', 'broker-tls ok', 'broker-login ok', 'broker-topics ok']);
    expect(findings[1]?.details).toEqual({ expiresInDays: 99 });
  });

  it.each([
    { what: 'of nobody it trusts', altName: 'IP:127.0.0.1', days: 100, isTrusted: false, fault: 'unknown-authority' },
    { what: 'that has expired', altName: 'IP:127.0.0.1', days: -1, isTrusted: true, fault: 'certificate-expired' },
    { what: 'of another host', altName: 'DNS:elsewhere.example', days: 100, isTrusted: true, fault: 'wrong-host' },
  ])('names a certificate $what', async ({ altName, days, isTrusted, fault }) => {
    const { mqttPort } = await startBroker();
    const certificate = createSelfSigned({ altName, days });
    const url = `mqtts://127.0.0.1:${await startTls(certificate, mqttPort)}`;
    const findings = await check({ url, caFile: isTrusted ? certificate.certFile : undefined });
    expect(onlyTrouble(findings)).toMatchObject({ check: 'broker-tls', level: 'failure', details: { fault } });
  });

  it('warns of a certificate that is about to expire', async () => {
    const { mqttPort } = await startBroker();
    const certificate = createSelfSigned({ altName: 'IP:127.0.0.1', days: 5 });
    const url = `mqtts://127.0.0.1:${await startTls(certificate, mqttPort)}`;
    const findings = await check({ url, caFile: certificate.certFile });
    expect(onlyTrouble(findings)).toMatchObject({ check: 'broker-tls', level: 'warning' });
  });

  it('names a port without TLS', async () => {
    const { httpPort } = await startBroker();
    expect(onlyTrouble(await check({ url: `mqtts://127.0.0.1:${httpPort}` }))).toMatchObject({
      check: 'broker-tls',
      details: { fault: 'not-tls' },
    });
  });

  it('advises to correct or remove an authority that has not signed it', async () => {
    const { mqttPort } = await startBroker();
    const [other, certificate] = [1, 2].map(() => createSelfSigned({ altName: 'IP:127.0.0.1', days: 100 }));
    const url = `mqtts://127.0.0.1:${await startTls(certificate!, mqttPort)}`;
    const trouble = onlyTrouble(await check({ url, caFile: other!.certFile }));
    expect(trouble).toMatchObject({ check: 'broker-tls', details: { fault: 'unknown-authority' } });
    expect(trouble.message).toContain(other!.certFile);
    expect(trouble.advice).toMatch(/^Correct broker\.caFile, or remove it/);
  });

  it('names a file of the authority that holds no certificate', async () => {
    const trouble = onlyTrouble(await check({ caFile: '/etc/hostname' }));
    expect(trouble).toMatchObject({ check: 'broker-tls', message: 'The file /etc/hostname holds no certificate.' });
    expect(trouble.details).toEqual({ fault: 'ca-file' });
  });

  it('names a file of the authority that is not there', async () => {
    const trouble = onlyTrouble(await check({ caFile: '/nonexistent/ca.pem' }));
    expect(trouble).toMatchObject({ check: 'broker-tls', level: 'failure' });
    expect(trouble.advice).toContain('broker.caFile');
  });
});

/** With the shipped rights and two accounts, on TCP and WebSocket without TLS. */
async function startMosquitto(): Promise<{ url: string; browserUrl: string }> {
  const [mqttPort, webSocketPort] = await findFreePorts(2);
  const folder = await DeployFolder.create();
  onTestFinished(() => folder.remove());
  const passwords = await folder.write('passwords', `${deviceId}:${account.password}\nviewer:viewer\n`);
  const acl = await folder.copy('mosquitto/porthole.acl', 'acl');
  runProgram('mosquitto_passwd', ['-U', passwords]);
  const config = await folder.write(
    'conf',
    [
      'allow_anonymous false',
      `password_file ${passwords}`,
      `acl_file ${acl}`,
      `listener ${mqttPort} 127.0.0.1`,
      `listener ${webSocketPort} 127.0.0.1`,
      'protocol websockets',
      'user root',
      '',
    ].join('\n'),
  );
  const mosquitto = new DeployProgram('mosquitto', ['-c', config]);
  onTestFinished(() => mosquitto.stop());
  await mosquitto.untilListening([mqttPort!, webSocketPort!]);
  return { url: `mqtt://127.0.0.1:${mqttPort}`, browserUrl: `ws://viewer:viewer@127.0.0.1:${webSocketPort}` };
}
