import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import type { DeviceStatus } from '../../../../agent/commands/builtin/device-commands.ts';
import { checkAgent, describeCameras } from '../../../../agent/doctor/check-agent.ts';
import { makeClosedFolder } from '../../../helpers/closed-folder.ts';

const status: DeviceStatus = {
  deviceId: 'd'.repeat(32),
  name: 'Door',
  version: '1.2.3',
  uptimeSeconds: 60,
  broker: { url: 'mqtt://broker.example:1883', online: true },
  viewers: 1,
  cameras: [],
};

/** A local socket that answers each line with one result. */
async function startAgent(result: object): Promise<string> {
  const runtimeDir = await mkdtemp(join(tmpdir(), 'porthole-doctor-test-'));
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', () => socket.write(`${JSON.stringify({ jsonrpc: '2.0', id: 1, result })}\n`));
  });
  server.listen(join(runtimeDir, 'agent.sock'));
  onTestFinished(async () => {
    server.close();
    await rm(runtimeDir, { recursive: true, force: true });
  });
  return runtimeDir;
}

it('looks at each place where an agent may be', async () => {
  const runtimeDir = await startAgent(status);
  const presence = await checkAgent(['/nonexistent', runtimeDir]);
  expect(presence).toMatchObject({ isRunning: true, finding: { check: 'agent', level: 'ok' } });
  expect(presence.finding.message).toContain('with 1 viewer.');
});

it('warns where no agent runs', async () => {
  expect(await checkAgent(['/nonexistent'])).toMatchObject({ isRunning: false, finding: { level: 'warning' } });
});

it('does not know of an agent whose folder is closed to this user', async () => {
  const closed = makeClosedFolder();
  expect(await checkAgent([closed, '/nonexistent'])).toMatchObject({
    isRunning: null,
    status: null,
    finding: { level: 'warning', advice: expect.stringContaining('sudo') },
  });
});

it('prefers an agent that answers to one that this user cannot see', async () => {
  const runtimeDir = await startAgent(status);
  await chmod(runtimeDir, 0o755);
  await chmod(join(runtimeDir, 'agent.sock'), 0o777);
  expect(await checkAgent([makeClosedFolder(), runtimeDir])).toMatchObject({ isRunning: true, status });
});

it('tells why an agent is not online', async () => {
  const broker = { url: status.broker.url, online: false, reason: 'the broker refused the password' };
  const { finding } = await checkAgent([await startAgent({ ...status, broker })]);
  expect(finding).toMatchObject({ level: 'failure', message: expect.stringContaining('refused the password') });
});

it('notices an agent that speaks otherwise', async () => {
  const presence = await checkAgent([await startAgent({ some: 'other version' })]);
  expect(presence).toMatchObject({ isRunning: true, status: null, finding: { level: 'warning' } });
});

it('takes the word of the agent for its cameras', () => {
  const cameras = [
    { id: 'a', name: 'Door', state: 'live' as const },
    { id: 'b', name: 'Garden', state: 'restarting' as const, reason: 'ffmpeg ended' },
    { id: 'c', name: 'Attic', state: 'missing' as const, reason: '/dev/video2 is not there' },
  ];
  const findings = describeCameras({ ...status, cameras });
  expect(findings.map(({ level }) => level)).toEqual(['ok', 'warning', 'failure']);
  expect(findings[2]?.message).toBe('Attic is missing: /dev/video2 is not there.');
});

it('warns of an agent that shows the test pattern for want of a camera', () => {
  const camera = { id: 'cam0', name: 'Test pattern', state: 'idle' as const, reason: 'no camera is found' };
  expect(describeCameras({ ...status, cameras: [camera] })).toMatchObject([
    { level: 'warning', message: 'Test pattern is what viewers see: no camera is found.' },
  ]);
});
