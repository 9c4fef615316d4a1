import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { chooseEncoder } from '../../../agent/camera/encoder.ts';
import { type FfmpegProcess, spawnFfmpeg } from '../../../agent/ffmpeg/ffmpeg.ts';
import { testFfmpeg } from '../../helpers/ffmpeg.ts';

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'porthole-ffmpeg-'));
});

afterAll(() => rm(folder, { recursive: true }));

/** A program in the place of ffmpeg that behaves badly. */
async function installScript(script: string): Promise<string> {
  const path = join(folder, 'ffmpeg');
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  return path;
}

const endless = { options: ['-re', '-f', 'lavfi'], source: 'testsrc2' };
const nowhere = [{ options: ['-f', 'null'], target: '-' }];

describe('spawnFfmpeg', () => {
  it('reports a program that cannot be run as an exit with a reason', async () => {
    const ffmpeg = await spawnFfmpeg({ program: '/nowhere/ffmpeg', input: endless, outputs: nowhere });
    expect(await ffmpeg.exited).toMatchObject({ code: null, problems: [expect.stringContaining('ENOENT')] });
    expect(ffmpeg.sendLine('anything')).toBe(false);
  });

  it('keeps spaces and quotes of a path together', async () => {
    const { path } = await testFfmpeg();
    const input = { options: ['-f', 'yuv4mpegpipe'], source: `file:/nowhere/a b "c" $(d)` };
    const ffmpeg = await spawnFfmpeg({ program: path, input, outputs: nowhere });
    const { code, problems } = await ffmpeg.exited;
    expect(code).not.toBe(0);
    expect(problems.join()).toContain('/nowhere/a b "c" $(d)');
  });

  it('ends on request', async () => {
    const { path } = await testFfmpeg();
    const ffmpeg = await spawnFfmpeg({ program: path, input: endless, outputs: nowhere });
    expect((await ffmpeg.terminate(5000)).signal).not.toBe('SIGKILL');
  });

  it('is killed when it does not end on request', async () => {
    const program = await installScript('trap "" TERM; echo ready >&2; while :; do sleep 0.05; done');
    const ffmpeg = await new Promise<FfmpegProcess>((resolve) => {
      const started = spawnFfmpeg({ program, input: endless, outputs: nowhere, onProblem: () => resolve(started) });
    });
    expect((await ffmpeg.terminate(50)).signal).toBe('SIGKILL');
  });
});

describe('chooseEncoder', () => {
  it('falls back to libx264 where there is no hardware encoder', async () => {
    const { path } = await testFfmpeg();
    expect(await chooseEncoder({ program: path, wanted: 'auto' })).toBe('libx264');
  });

  it('says which encoder does not work, why, and what to do', async () => {
    const program = await installScript('echo "Unknown encoder" >&2; exit 1');
    await expect(chooseEncoder({ program, wanted: 'auto' })).rejects.toMatchObject({
      code: 'no-h264-encoder',
      message: expect.stringMatching(/libx264.*Unknown encoder.*Install/),
    });
  });
});
