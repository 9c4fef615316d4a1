import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { buildFilePlaylist, buildRtspPlaylist, openPlaylist } from '../../../../agent/ffmpeg/playlist.ts';

describe('a playlist', () => {
  it('names a network camera alone, and limits the protocols', () => {
    const lines = buildRtspPlaylist('rtsp://u:secret@cam/a?b=c').text.split('\n');
    expect(lines.filter((line) => line.startsWith('file'))).toEqual(["file 'rtsp://u:secret@cam/a?b=c'"]);
    expect(lines.find((line) => line.includes('protocol_whitelist'))).not.toContain('file');
  });

  it('takes the sound alone from a camera where that is wanted', () => {
    const option = 'option allowed_media_types audio';
    expect(buildRtspPlaylist('rtsp://cam/1', { only: 'audio' }).text.split('\n')).toContain(option);
    expect(buildRtspPlaylist('rtsp://cam/1').text).not.toContain('allowed_media_types');
  });

  it('repeats a file, which stays a file whatever it looks like', () => {
    const { text, protocols } = buildFilePlaylist('/http://x');
    const lines = text.trimEnd().split('\n');
    expect(lines.length).toBeGreaterThan(1000);
    expect(new Set(lines.slice(1))).toEqual(new Set(["file 'file:/http:/x'"]));
    expect(protocols).toBe('file');
  });

  it('quotes what would end the name', () => {
    expect(buildRtspPlaylist("rtsp://cam/it's").text).toContain(String.raw`file 'rtsp://cam/it'\''s'`);
  });
});

describe('openPlaylist', () => {
  it('keeps the address out of the arguments, in a file for its owner that it takes away again', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'porthole-playlist-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    const path = join(folder, 'cam.ffconcat');
    await writeFile(path, 'left over', { mode: 0o644 });
    const playlist = buildRtspPlaylist('rtsp://u:secret@cam/');
    const { input, close } = await openPlaylist(playlist, { path, inputOptions: ['-flags', 'low_delay'] });
    expect(input.options.slice(0, 2)).toEqual(['-flags', 'low_delay']);
    expect(input.options).toContain('-protocol_whitelist');
    expect([...input.options, input.source].join(' ')).not.toContain('secret');
    expect(input.source).toBe(`file:${path}`);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readFile(path, 'utf8')).toBe(playlist.text);
    await close();
    await close();
    await expect(stat(path)).rejects.toThrow('ENOENT');
  });
});
