import { execFileSync } from 'node:child_process';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { defaultCameraConfig } from '../../../agent/config/camera-schema.ts';
import type { CameraConfig } from '../../../agent/config/config-schema.ts';
import { findCameraObstacle } from '../../../agent/doctor/camera-obstacle.ts';
import { checkCamera, checkCameras } from '../../../agent/doctor/check-cameras.ts';
import { checkEncoders, checkFfmpeg } from '../../../agent/doctor/check-ffmpeg.ts';
import { checkSound } from '../../../agent/doctor/check-sound.ts';
import type { FfmpegProgram } from '../../../agent/ffmpeg/find-ffmpeg.ts';
import { findFfmpeg } from '../../../agent/ffmpeg/find-ffmpeg.ts';
import type { CameraSource } from '../../../agent/sources/camera-source.ts';
import { findFreePorts } from '../../helpers/deploy-program.ts';
import { startSilent } from '../../helpers/doctor-servers.ts';

let ffmpeg: FfmpegProgram;
beforeAll(async () => {
  ffmpeg = await findFfmpeg({
    configuredPath: process.env.PORTHOLE_TEST_FFMPEG || undefined,
    searchPath: process.env.PATH ?? '',
  });
});

function camera(source: string, settings: Partial<CameraConfig> = {}): CameraConfig {
  return { ...defaultCameraConfig({ source, name: 'Door' }), fps: 10, ...settings };
}

async function createFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'porthole-doctor-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function createScript(text: string): Promise<string> {
  const path = join(await createFolder(), 'ffmpeg');
  await writeFile(path, `#!/bin/sh\n${text}\n`);
  await chmod(path, 0o755);
  return path;
}

describe('ffmpeg', () => {
  const settings = { encoder: 'auto' as const };

  it('is found, with encoders for every browser', async () => {
    const found = await checkFfmpeg({ ...settings, path: ffmpeg.path }, '');
    expect(found.finding).toMatchObject({ check: 'ffmpeg', level: 'ok', details: { path: ffmpeg.path } });
    const levels = (await checkEncoders(ffmpeg, 'auto')).map(({ check, level }) => `${check} ${level}`);
    expect(levels).toEqual(['encoder ok', 'encoder-vp8 ok']);
  });

  it('is missed at the path that the configuration names', async () => {
    const { ffmpeg: none, finding } = await checkFfmpeg({ ...settings, path: '/nonexistent/ffmpeg' }, '');
    expect(none).toBeNull();
    expect(finding).toMatchObject({ check: 'ffmpeg', level: 'failure' });
    expect(finding.advice).toContain('ffmpeg.path');
  });

  it('is told apart from one that is too old, and from one that does not run', async () => {
    const old = await createScript('echo "ffmpeg version 4.3.6 Copyright"');
    expect((await checkFfmpeg({ ...settings, path: old }, '')).finding).toMatchObject({
      level: 'failure',
      message: 'This ffmpeg is too old.',
    });
    const broken = await createScript('echo "libx.so.5: cannot open shared object file" >&2; exit 127');
    expect((await checkFfmpeg({ ...settings, path: broken }, '')).finding).toMatchObject({
      level: 'failure',
      message: 'There is an ffmpeg, but it does not run.',
    });
  });

  it('is told to lack encoders', async () => {
    const path = await createScript(
      `for word; do case "$word" in libx264|libvpx|h264_*) echo "Unknown encoder '$word'" >&2; exit 1;; esac; done\nexec ${ffmpeg.path} "$@"`,
    );
    const [h264, vp8] = await checkEncoders({ ...ffmpeg, path }, 'auto');
    expect(h264).toMatchObject({ check: 'encoder', level: 'failure' });
    expect(h264?.advice).toContain('libx264');
    expect(JSON.stringify(h264?.details)).toContain('Unknown encoder');
    expect(vp8).toMatchObject({ check: 'encoder-vp8', level: 'warning' });
  });

  it('is not asked for hardware that is not there', async () => {
    const [h264] = await checkEncoders(ffmpeg, 'h264_v4l2m2m');
    expect(h264).toMatchObject({ check: 'encoder', level: 'failure' });
    expect(h264?.advice).toContain('ffmpeg.encoder');
  });
});

describe('cameras', () => {
  it('give a picture, as a file or the test pattern does', async () => {
    const path = join(await createFolder(), 'a.mp4');
    const pattern = ['-f', 'lavfi', '-i', 'testsrc=size=64x64:rate=10:duration=1'];
    execFileSync(ffmpeg.path, ['-v', 'error', ...pattern, '-c:v', 'libx264', path]);
    const findings = await checkCameras([camera(`file:${path}`), camera('test')], { ffmpeg });
    expect(findings.map(({ check, level }) => `${check} ${level}`)).toEqual(['camera ok', 'camera ok']);
    expect(findings[0]?.details?.firstPictureMs).toBeGreaterThan(0);
  });

  it('are told to be missing, unusable or unreadable', async () => {
    const folder = await createFolder();
    const text = join(folder, 'notes.txt');
    await writeFile(text, 'no picture');
    const faultOf = async (source: string) => {
      const [finding] = await checkCamera(camera(source), { ffmpeg });
      expect(finding).toMatchObject({ check: 'camera', level: 'failure' });
      expect(finding?.advice).toBeTruthy();
      return finding?.details?.fault;
    };
    expect(await faultOf('/dev/video99')).toBe('missing');
    expect(await faultOf(`file:${folder}/nothing.mp4`)).toBe('missing');
    expect(await faultOf(`file:${folder}`)).toBe('source');
    expect(await faultOf(`file:${text}`)).toBe('no-picture');
  });

  it('are judged by the rights of the service where there is one', async () => {
    const denied = { verb: 'does not see', advice: 'Move it.' };
    const service = {
      mayOpen: async (path: string) => path !== '/dev/null',
      findObstacle: async (path: string) => (path === '/etc/passwd' ? denied : null),
    };
    const find = (source: CameraSource) => findCameraObstacle({ id: 'cam0', label: 'Door', source, service });
    const look = (devicePath: string) => find({ kind: 'v4l2', devicePath });
    expect(await find({ kind: 'file', path: '/etc/passwd' })).toMatchObject({
      level: 'failure',
      message: 'The service does not see /etc/passwd.',
      advice: 'Move it.',
    });
    expect(await find({ kind: 'file', path: '/etc/group' })).toBeNull();
    expect(await look('/dev/null')).toMatchObject({
      level: 'failure',
      message: 'The service may not open /dev/null.',
      details: { fault: 'permission' },
    });
    expect(await look('/dev/zero')).toBeNull();
    expect((await look('/dev/video99'))?.details?.fault).toBe('missing');
  });

  it('keep their password to themselves', async () => {
    const [port] = await findFreePorts(1);
    const findings = await checkCamera(camera(`rtsp://owner:pass-word@127.0.0.1:${port}/live`), { ffmpeg });
    expect(findings[0]).toMatchObject({ check: 'camera', level: 'failure', details: { fault: 'no-picture' } });
    expect(JSON.stringify(findings)).not.toContain('pass-word');
  });

  it('are left to an agent that runs, which has them open', async () => {
    const folder = await createFolder();
    const path = join(folder, 'no-picture.mp4');
    await writeFile(path, '');
    const [finding] = await checkCamera(camera(`file:${path}`), { ffmpeg, isAgentRunning: true });
    expect(finding).toMatchObject({ check: 'camera', level: 'ok' });
  });

  it('are looked for, but give no picture without ffmpeg', async () => {
    expect(await checkCamera(camera('test'), { ffmpeg: null })).toMatchObject([{ level: 'skipped' }]);
    expect(await checkCamera(camera('/dev/video99'), { ffmpeg: null })).toMatchObject([{ level: 'failure' }]);
  });

  it('are given up when somebody else is in a hurry', async () => {
    const source = `rtsp://127.0.0.1:${await startSilent()}/live`;
    const startMs = performance.now();
    const [finding] = await checkCamera(camera(source), { ffmpeg, signal: AbortSignal.timeout(200) });
    expect(finding).toMatchObject({ check: 'camera', level: 'failure', details: { fault: 'no-picture' } });
    expect(performance.now() - startMs).toBeLessThan(2_000);
  });
});

describe('sound', () => {
  const audio = { bitrateKbps: 48, channels: 1 };

  it('comes and goes where it is configured', async () => {
    const folder = await createFolder();
    const config = { audio: { ...audio, source: 'test' }, talk: { sink: `file:${folder}/talk.wav` } };
    const findings = await checkSound(config, { ffmpeg });
    expect(findings.map(({ check, level }) => `${check} ${level}`)).toEqual(['sound-source ok', 'sound-sink ok']);
  });

  it('is not missed where it is not', async () => {
    const findings = await checkSound({ audio, talk: {} }, { ffmpeg });
    expect(findings.map(({ level }) => level)).toEqual(['skipped', 'skipped']);
  });

  it('is judged by the rights of the service where there is one', async () => {
    const soundFolder = await createFolder();
    for (const name of ['controlC0', 'pcmC0D0c', 'pcmC0D0p', 'pcmC1D0p']) await writeFile(join(soundFolder, name), '');
    const service = { mayOpen: async (path: string) => path.endsWith('pcmC1D0p'), findObstacle: async () => null };
    const config = { audio: { ...audio, source: 'alsa:default' }, talk: { sink: 'alsa:plughw:9,9' } };
    const [source, sink] = await checkSound(config, { ffmpeg, service, soundFolder });
    expect(source).toMatchObject({ check: 'sound-source', level: 'failure', details: { fault: 'permission' } });
    expect(source?.message).toContain('The service may not open');
    // It may open one of those that play, so the one that is named is tried.
    expect(sink?.details?.fault).toBe('no-sound');
  });

  it('names devices that are not there', async () => {
    const config = { audio: { ...audio, source: 'alsa:plughw:9,9' }, talk: { sink: 'file:/nonexistent/talk.wav' } };
    const [source, sink] = await checkSound(config, { ffmpeg });
    expect(source).toMatchObject({ check: 'sound-source', level: 'failure' });
    expect(source?.advice).toContain('arecord -L');
    expect(sink).toMatchObject({ check: 'sound-sink', level: 'failure' });
  });
});
