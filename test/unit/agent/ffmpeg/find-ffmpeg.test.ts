import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findFfmpeg, isAtLeast, parseFfmpegVersion } from '../../../../agent/ffmpeg/find-ffmpeg.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'porthole-find-'));
});

afterEach(() => rm(folder, { recursive: true }));

async function installScript(name: string, script: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  return path;
}

describe('parseFfmpegVersion', () => {
  it.each([
    ['ffmpeg version 5.1.9-0+deb12u1 Copyright (c) 2000-2026 the FFmpeg developers', { major: 5, minor: 1 }],
    ['ffmpeg version n7.1 Copyright', { major: 7, minor: 1 }],
    ['ffmpeg version 7.0.2-static https://example.org', { major: 7, minor: 0 }],
    ['ffmpeg version N-117000-gabcdef Copyright', { major: Number.POSITIVE_INFINITY, minor: 0 }],
    ['BusyBox v1.36', null],
  ])('reads %s', (output, version) => {
    expect(parseFfmpegVersion(output)).toEqual(version);
  });
});

describe('isAtLeast', () => {
  it('compares the major version first', () => {
    expect(isAtLeast({ major: 7, minor: 0 }, 5, 1)).toBe(true);
    expect(isAtLeast({ major: 5, minor: 0 }, 5, 1)).toBe(false);
    expect(isAtLeast({ major: 4, minor: 4 }, 5, 1)).toBe(false);
  });
});

describe('findFfmpeg', () => {
  it('takes the first on the search path', async () => {
    const path = await installScript('ffmpeg', 'echo ffmpeg version 6.1');
    expect(await findFfmpeg({ searchPath: `/nowhere:${folder}` })).toEqual({ path, version: { major: 6, minor: 1 } });
  });

  it('takes the configured one and no other', async () => {
    await installScript('ffmpeg', 'echo ffmpeg version 6.1');
    const configuredPath = join(folder, 'mine');
    await expect(findFfmpeg({ configuredPath, searchPath: folder })).rejects.toMatchObject({
      code: 'ffmpeg-not-found',
      message: expect.stringContaining(configuredPath),
    });
  });

  it('says what to do when there is none, or one that is too old or broken', async () => {
    await expect(findFfmpeg({ searchPath: '/nowhere' })).rejects.toMatchObject({
      code: 'ffmpeg-not-found',
      message: expect.stringContaining('apt install ffmpeg'),
    });
    const old = await installScript('old', 'echo ffmpeg version 4.4.1');
    await expect(findFfmpeg({ configuredPath: old, searchPath: '' })).rejects.toMatchObject({ code: 'ffmpeg-too-old' });
    const broken = await installScript('broken', 'echo cannot load library >&2; exit 127');
    await expect(findFfmpeg({ configuredPath: broken, searchPath: '' })).rejects.toMatchObject({
      code: 'ffmpeg-broken',
      message: expect.stringContaining('cannot load library'),
    });
  });
});
