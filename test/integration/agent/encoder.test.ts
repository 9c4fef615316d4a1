import { chmod, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { AgentBench, BenchClient, eventually } from '../../helpers/agent-bench.ts';
import { testFfmpeg } from '../../helpers/ffmpeg.ts';

async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'porthole-ffmpeg-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

it('is online without ffmpeg, says what is missing, and shows pictures once it is installed', async () => {
  const path = join(await emptyFolder(), 'ffmpeg');
  const bench = await AgentBench.start({ ffmpeg: { path } });
  await eventually(() =>
    expect(bench.agent.statusLine).toMatch(/^Online, no viewers, no pictures: ffmpeg was not found/),
  );
  const missing = { state: 'missing', reason: expect.stringContaining(path) };
  expect(await bench.call('device.status')).toMatchObject({ cameras: [missing] });
  const viewer = new BenchClient(await bench.invite());
  await viewer.until({ state: 'connected' });
  await eventually(() => expect(bench.agent.cameras).toMatchObject([missing]));
  await symlink((await testFfmpeg()).path, path);
  await eventually(() => viewer.seeFrames(1), 15_000);
  expect(bench.agent.statusLine).toBe('Online, 1 viewer');
});

/** An ffmpeg that does nothing until it is let go on. */
async function hangingFfmpeg(): Promise<{ path: string; letGoOn(): Promise<void> }> {
  const folder = await emptyFolder();
  const path = join(folder, 'ffmpeg');
  const real = (await testFfmpeg()).path;
  await writeFile(path, `#!/bin/sh\nwhile [ ! -e ${folder}/go ]; do sleep 0.05; done\nexec ${real} "$@"\n`);
  await chmod(path, 0o755);
  return { path, letGoOn: () => writeFile(join(folder, 'go'), '') };
}

it('is online while it tests the encoder, and lets whoever comes wait for that', async () => {
  const { path, letGoOn } = await hangingFfmpeg();
  const bench = await AgentBench.start({ ffmpeg: { path } });
  expect(bench.agent.statusLine).toBe('Online, no viewers');
  const viewer = new BenchClient(await bench.invite());
  await viewer.until({ state: 'connecting' });
  expect(bench.logger.events.map(({ message }) => message)).not.toContain('encoder ready');
  await letGoOn();
  await viewer.until({ state: 'connected' }, 10_000);
  await viewer.seeFrames(1);
});

it('lets nobody in who is revoked while waiting for the encoder', async () => {
  const { path, letGoOn } = await hangingFfmpeg();
  const bench = await AgentBench.start({ ffmpeg: { path } });
  const viewer = new BenchClient(await bench.invite());
  await eventually(async () => {
    expect(await bench.call('access.list')).toMatchObject({ grants: [{ viewerId: viewer.viewerId }] });
  });
  await bench.call('access.revoke', { viewer: viewer.viewerId });
  await letGoOn();
  await viewer.until({ state: 'failed', error: 'unauthorised' }, 10_000);
  expect(bench.agent.statusLine).toBe('Online, no viewers');
});
