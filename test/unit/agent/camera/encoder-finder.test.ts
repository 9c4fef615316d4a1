import { appendFile, chmod, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { EncoderFinder, type EncoderFinderOptions } from '../../../../agent/camera/encoder-finder.ts';
import { FakeLogger } from '../../../fakes/support-logger.ts';

let folder: string;
let program: string;
let logger: FakeLogger;
let kept: string | null;
const finders: EncoderFinder[] = [];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'porthole-encoder-'));
  program = join(folder, 'ffmpeg');
  logger = new FakeLogger();
  kept = null;
});
afterEach(async () => {
  await Promise.all(finders.splice(0).map((finder) => finder.stop()));
  await rm(folder, { recursive: true });
});

/** An ffmpeg whose encoders are those named, and that writes down each of its starts. */
async function installFfmpeg(encoders: string, body = ''): Promise<void> {
  const script = [
    '#!/bin/sh',
    `echo "$*" >> ${folder}/starts`,
    'case "$*" in *-version*) echo "ffmpeg version 7.1"; exit 0;; esac',
    body,
    `for name in ${encoders}; do case "$*" in *"-c:v $name "*) exit 0;; esac; done`,
    'echo "Unknown encoder" >&2',
    'exit 1',
  ];
  await writeFile(program, `${script.join('\n')}\n`);
  await chmod(program, 0o755);
}

async function countStarts(): Promise<number> {
  const starts = await readFile(join(folder, 'starts'), 'utf8').catch(() => '');
  return starts.split('\n').length - 1;
}

function keep(text: string): void {
  kept = text;
}

function buildFinder(options: Partial<EncoderFinderOptions> = {}): EncoderFinder {
  const finder = new EncoderFinder({
    searchPath: folder,
    wanted: 'auto',
    cache: {
      read: async () => kept,
      write: async (text) => {
        kept = text;
      },
    },
    logger,
    ...options,
  });
  finders.push(finder);
  return finder;
}

describe('the encoder', () => {
  it('is found with test encodes, once for everybody who asks', async () => {
    await installFfmpeg('libx264 libvpx');
    const finder = buildFinder();
    finder.start();
    const [first, second] = await Promise.all([finder.find(), finder.find()]);
    expect(first).toEqual({
      ffmpeg: { path: program, version: { major: 7, minor: 1 } },
      encoder: 'libx264',
      hasVp8: true,
    });
    expect(second).toBe(first);
    // Version, hardware, libx264, libvpx.
    expect(await countStarts()).toBe(4);
  });

  it('is known at the next start without running ffmpeg', async () => {
    await installFfmpeg('libx264 libvpx');
    const first = await buildFinder().find();
    const starts = await countStarts();
    expect(await buildFinder().find()).toEqual(first);
    expect(await countStarts()).toBe(starts);
  });

  it.each([
    ['another ffmpeg', () => appendFile(program, '# newer\n'), {}],
    ['an ffmpeg of another day', () => utimes(program, 1, 1), {}],
    ['another setting', () => {}, { wanted: 'libx264' as const }],
    ['a broken file', () => keep('{"key":'), {}],
    ['a file of somebody else', () => keep('{"key":{},"encoder":"libx264","hasVp8":true}'), {}],
    ['an encoder that does not exist', () => keep(kept?.replace('"libx264","has', '"gpu","has') ?? ''), {}],
  ])('is tested anew with %s', async (_, change, options) => {
    await installFfmpeg('libx264 libvpx');
    await buildFinder().find();
    const starts = await countStarts();
    await change();
    expect((await buildFinder(options).find()).encoder).toBe('libx264');
    expect(await countStarts()).toBeGreaterThan(starts);
  });

  it('is not remembered where a test may have failed by chance', async () => {
    await installFfmpeg('libx264');
    expect((await buildFinder().find()).hasVp8).toBe(false);
    expect(kept).toBeNull();
  });

  it('is used all the same when nothing can be remembered', async () => {
    await installFfmpeg('libx264 libvpx');
    const cache = { read: async () => null, write: () => Promise.reject(new Error('ENOSPC')) };
    expect((await buildFinder({ cache }).find()).encoder).toBe('libx264');
  });

  it('is tested again after it did not work, whatever was remembered, but not at each try', async () => {
    await installFfmpeg('h264_v4l2m2m libvpx');
    await buildFinder().find();
    const finder = buildFinder();
    expect((await finder.find()).encoder).toBe('h264_v4l2m2m');
    await installFfmpeg('libx264 libvpx');
    finder.doubt();
    expect(finder.current).toBeNull();
    // Whoever only wants to know what there is does not wait for it.
    await finder.untilTested();
    expect(finder.current).toBeNull();
    expect((await finder.find()).encoder).toBe('libx264');
    finder.doubt();
    expect(finder.current?.encoder).toBe('libx264');
  });
});

describe('a device without ffmpeg', () => {
  it('says so once, and finds the ffmpeg that is installed later', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const finder = buildFinder({ configuredPath: program });
      finder.start();
      await expect(finder.find()).rejects.toMatchObject({ code: 'ffmpeg-not-found' });
      await expect(finder.find()).rejects.toMatchObject({ code: 'ffmpeg-not-found' });
      expect(finder.problem).toContain('was not found');
      expect(logger.events.map(({ level }) => level)).toEqual(['error']);
      await installFfmpeg('libx264 libvpx');
      vi.advanceTimersByTime(10_000);
      vi.useRealTimers();
      await vi.waitFor(() => expect(finder.current?.encoder).toBe('libx264'));
      expect(finder.problem).toBeNull();
    } finally {
      vi.useRealTimers();
    }
  });

  it('can be stopped in the middle of a test, and leaves no process', async () => {
    await installFfmpeg('libx264', `echo $$ >> ${folder}/pids; exec sleep 60`);
    const finder = buildFinder();
    finder.start();
    const pids = await vi.waitFor(async () => {
      const found = (await readFile(join(folder, 'pids'), 'utf8')).trim().split('\n').map(Number);
      expect(found).toHaveLength(2);
      return found;
    });
    await expect(finder.find(AbortSignal.timeout(10))).rejects.toThrow();
    await finder.stop();
    // The system takes a moment to clear a killed process away.
    await vi.waitFor(() => {
      for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow('ESRCH');
    });
    expect(kept).toBeNull();
  });
});
