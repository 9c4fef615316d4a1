import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { loadConfig } from '../../../agent/config/load-config.ts';
import { examine, type FindingGroup } from '../../../agent/doctor/doctor.ts';
import type { Finding } from '../../../agent/doctor/finding.ts';
import { AgentBench } from '../../helpers/agent-bench.ts';
import { startSilent } from '../../helpers/doctor-servers.ts';

async function load(settings: Record<string, unknown>) {
  const stateDir = await mkdtemp(join(tmpdir(), 'porthole-doctor-test-'));
  onTestFinished(() => rm(stateDir, { recursive: true, force: true }));
  const defaultFile = join(stateDir, 'none.yaml');
  return loadConfig({ env: {}, flags: { stateDir, ...settings }, defaultFile, hasOwnAuthorityCheck: true });
}

async function doctor(settings: Record<string, unknown>): Promise<FindingGroup[]> {
  const defaults = await load({});
  if (!defaults.ok) throw new Error('no defaults');
  return examine({
    config: await load(settings),
    defaults: defaults.value,
    searchPath: process.env.PATH ?? '',
    settingsReference: '/guides/configuration.md',
  });
}

function find(groups: readonly FindingGroup[], check: string): Finding | undefined {
  return groups.flatMap(({ findings }) => findings).find((finding) => finding.check === check);
}

describe('the doctor', () => {
  it('ends within 10 s when nothing answers, tells every trouble with what to do, and no secret', async () => {
    const port = await startSilent();
    const startMs = performance.now();
    const groups = await doctor({
      broker: { url: `mqtts://127.0.0.1:${port}`, username: 'device', password: 'secret-1' },
      links: { pageUrl: `http://127.0.0.1:${port}/`, brokerUrl: `ws://viewer:secret-2@127.0.0.1:${port}/mqtt` },
      cameras: [{ source: `rtsp://owner:secret-3@127.0.0.1:${port}/` }],
      // Nothing listens at port 9.
      ice: { stun: ['stun:127.0.0.1:9'], turn: { urls: ['turn:127.0.0.1:9'], secret: 'secret-4' } },
    });
    expect(performance.now() - startMs).toBeLessThan(10_000);
    const levels = ['broker-tls', 'browser-broker-login', 'page', 'camera', 'stun', 'turn'].map(
      (check) => `${check} ${find(groups, check)?.level}`,
    );
    expect(levels).toEqual([
      'broker-tls failure',
      'browser-broker-login failure',
      'page warning',
      'camera failure',
      'stun failure',
      'turn failure',
    ]);
    for (const { level, advice } of groups.flatMap(({ findings }) => findings)) {
      expect(Boolean(advice)).toBe(level === 'warning' || level === 'failure');
    }
    expect(JSON.stringify(groups)).not.toMatch(/secret-\d/);
  });

  it('goes on with what it can when the configuration cannot be used', async () => {
    const groups = await doctor({ brocker: {}, ice: { lanOnly: true } });
    expect(find(groups, 'config')).toMatchObject({
      level: 'failure',
      advice: 'Correct it; /guides/configuration.md lists all settings.',
      details: { path: 'brocker' },
    });
    expect(find(groups, 'broker')).toMatchObject({ level: 'skipped' });
    expect(find(groups, 'ffmpeg')).toMatchObject({ level: 'ok' });
  });

  it('says what to do about the configuration of the service that this user may not read', async () => {
    const defaults = await load({});
    if (!defaults.ok) throw new Error('no defaults');
    const closedFile = '/etc/porthole/porthole.yaml';
    const config = await load({ unreadable: true });
    const groups = await examine({ config, closedFile, defaults: defaults.value, searchPath: '' });
    const found = groups.flatMap(({ findings }) => findings).filter(({ check }) => check === 'config');
    expect(found).toMatchObject([{ level: 'warning', advice: 'Run "sudo porthole doctor".' }]);
    expect(find(groups, 'broker')).toMatchObject({ level: 'skipped' });
  });

  it('does not call a configuration good whose files the service cannot read', async () => {
    const config = await load({ broker: { caFile: '/home/pi/ca.pem' }, ice: { lanOnly: true } });
    if (!config.ok) throw new Error('no configuration');
    const advice = 'Put it elsewhere.';
    const findObstacle = async (path: string) => (path.startsWith('/home') ? { verb: 'does not see', advice } : null);
    const service = { mayOpen: async () => true, findObstacle };
    const groups = await examine({ config, service, defaults: config.value, searchPath: '' });
    const found = groups.flatMap(({ findings }) => findings).filter(({ check }) => check === 'config');
    expect(found).toMatchObject([
      { level: 'failure', message: 'The service does not see /home/pi/ca.pem (broker.caFile).', advice },
    ]);
  });

  it('says that a page from https cannot use a broker without TLS', async () => {
    const links = { pageUrl: 'https://page.invalid/', brokerUrl: 'ws://broker.invalid/mqtt' };
    const groups = await doctor({ links, ice: { lanOnly: true } });
    expect(find(groups, 'links')).toMatchObject({ level: 'failure', details: { fault: 'mixed-content' } });
  });
});

describe('beside a running agent', () => {
  const lan = { ice: { lanOnly: true } };

  it('asks it, leaves its cameras and its status alone, and finds the way of a viewer', async () => {
    const bench = await AgentBench.start(lan);
    const config = { ok: true as const, value: bench.config };
    const groups = await examine({ config, defaults: bench.config, searchPath: process.env.PATH ?? '' });
    expect(find(groups, 'agent')).toMatchObject({ level: 'ok' });
    expect(find(groups, 'camera')).toMatchObject({ level: 'ok', details: { state: 'idle' } });
    expect(find(groups, 'browser-broker-topics')).toMatchObject({ level: 'ok' });
    expect(find(groups, 'broker-status')?.message).toContain('online');
  });

  it('does not judge settings that the agent does not have', async () => {
    const bench = await AgentBench.start(lan);
    const value = { ...bench.config, broker: { ...bench.config.broker, url: 'mqtt://127.0.0.1:1' } };
    const groups = await examine({ config: { ok: true, value }, defaults: value, searchPath: '' });
    expect(find(groups, 'broker')).toMatchObject({ level: 'skipped' });
    expect(find(groups, 'stun')).toMatchObject({ level: 'skipped' });
    expect(find(groups, 'agent')?.message).toContain(bench.config.broker.url);
  });

  it('takes its word that it is online, where this command has no password', async () => {
    const bench = await AgentBench.start(lan);
    const broker = { ...bench.config.broker, username: undefined, password: undefined };
    const value = { ...bench.config, broker };
    const groups = await examine({ config: { ok: true, value }, defaults: value, searchPath: '' });
    expect(find(groups, 'broker-topics')).toMatchObject({ level: 'skipped' });
  });
});
