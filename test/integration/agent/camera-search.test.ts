import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { buildCameras } from '../../../agent/cameras.ts';
import { defaultCameraConfig } from '../../../agent/config/camera-schema.ts';
import { type CameraConfig, configSchema } from '../../../agent/config/config-schema.ts';
import { systemClock } from '../../../agent/system/clock.ts';
import type { CameraInfo } from '../../../protocol/messages.ts';
import { FakeCameraFifo } from '../../fakes/fake-camera-fifo.ts';
import { FakeLogger } from '../../fakes/support-logger.ts';
import { eventually } from '../../helpers/agent-bench.ts';
import { testFfmpeg } from '../../helpers/ffmpeg.ts';

/** The cameras of a configuration that names none, on a machine without one, until a test plugs one in. */
async function startBench() {
  const runtimeDir = await mkdtemp(join(tmpdir(), 'porthole-search-'));
  const logger = new FakeLogger();
  let plugged: CameraConfig | null = null;
  const { cameras, search } = await buildCameras({
    config: configSchema.parse({ name: 'Shed', stateDir: runtimeDir, cacheDir: runtimeDir, runtimeDir }),
    encoders: {
      current: null,
      find: async () => ({ ffmpeg: await testFfmpeg(), encoder: 'libx264', hasVp8: true }),
      doubt() {},
    },
    clock: systemClock,
    logger,
    finders: { atStart: async () => null, later: async () => plugged },
  });
  const [camera] = cameras;
  if (camera === undefined || search === null) throw new Error('neither test pattern nor search');
  onTestFinished(async () => {
    await search.stop();
    await camera.stop();
    await rm(runtimeDir, { recursive: true });
  });
  search.start();
  const plug = (source: string) => {
    plugged = defaultCameraConfig({ source, name: 'Webcam' });
  };
  return { camera, logger, plug, fifoPath: join(runtimeDir, 'camera.y4m') };
}

function messages(logger: FakeLogger, level: string): string[] {
  return logger.events.filter((event) => event.level === level).map(({ message }) => message);
}

it('says that the test pattern stands in for a camera', async () => {
  const { camera, logger } = await startBench();
  expect(await camera.look()).toEqual({
    id: 'cam0',
    name: 'Test pattern',
    state: 'idle',
    reason: 'no camera is found',
  });
  expect(messages(logger, 'warn')).toEqual([expect.stringContaining('test pattern')]);
});

it('shows a camera that comes later to those who watch the test pattern', async () => {
  const { camera, logger, plug, fifoPath } = await startBench();
  const seen: CameraInfo[] = [];
  camera.onChange((info) => seen.push(info));
  camera.acquireRendition('top');
  await eventually(() => expect(camera.info.state).toBe('live'), 15_000);
  const fifo = new FakeCameraFifo({ path: fifoPath, width: 320, height: 180 });
  fifo.create();
  plug(`file:${fifoPath}`);
  await fifo.open(); // as soon as ffmpeg reads
  onTestFinished(() => fifo.close());
  await fifo.showFrame(100);
  await eventually(() => expect(camera.info).toEqual({ id: 'cam0', name: 'Webcam', state: 'live' }), 15_000);
  expect(seen.map(({ name, state }) => `${name} ${state}`)).toContain('Webcam restarting');
  expect(messages(logger, 'info').filter((message) => message === 'camera found')).toHaveLength(1);
});

it('shows one that came while nobody watched to the first who does', async () => {
  const { camera, plug, fifoPath } = await startBench();
  plug(`file:${fifoPath}`);
  await eventually(() => expect(camera.info.name).toBe('Webcam'), 15_000);
  expect(await camera.look()).toMatchObject({ state: 'missing', reason: `${fifoPath} does not exist` });
});
