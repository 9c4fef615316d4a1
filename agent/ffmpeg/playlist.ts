import { rm, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { OpenInput } from './open-input.ts';

/** A playlist of ffmpeg (`concat`): what it holds, and what its reader may use. */
export interface Playlist {
  text: string;
  /** For `-protocol_whitelist`. */
  protocols: string;
}

/** What a network input may use. */
const rtspProtocols = 'rtsp,rtsps,rtp,tcp,tls,crypto';
const rtspTimeoutMicroseconds = 5_000_000;
/** At the end of the list ffmpeg is started again, which is seen as a short gap. */
const repetitions = 10_000;

/**
 * A playlist with a network camera as its only entry. The URL, which may hold a password, is better in a file of ours than in the
 * arguments of a process, which every user of the machine can read.
 *
 * @param options.only takes one kind of stream and leaves the others with the camera
 */
export function buildRtspPlaylist(url: string, options: { only?: 'audio' } = {}): Playlist {
  const text = join([
    `file ${quote(url)}`,
    `option protocol_whitelist ${rtspProtocols}`,
    'option rtsp_transport tcp',
    `option timeout ${rtspTimeoutMicroseconds}`,
    'option analyzeduration 1000000',
    'option fpsprobesize 0',
    ...(options.only === undefined ? [] : [`option allowed_media_types ${options.only}`]),
  ]);
  return { text, protocols: `file,${rtspProtocols}` };
}

/** A playlist with one file over and over: at each turn of `-stream_loop` version 5.1 ends the bit stream filters for good. */
export function buildFilePlaylist(path: string): Playlist {
  // The protocol name keeps a path like "http:x" a path. ffmpeg takes a relative one as relative to the playlist.
  const entry = `file ${quote(`file:${resolve(path)}`)}`;
  return { text: join(new Array<string>(repetitions).fill(entry)), protocols: 'file' };
}

/**
 * Writes a playlist that nobody else can read.
 *
 * @param options.path where; replaced when it is there
 * @param options.inputOptions what goes before the input
 */
export async function openPlaylist(
  playlist: Playlist,
  options: { path: string; inputOptions: readonly string[] },
): Promise<OpenInput> {
  const { path, inputOptions } = options;
  await rm(path, { force: true }); // left over from an agent that was killed; an old file would keep its mode
  await writeFile(path, playlist.text, { mode: 0o600, flag: 'wx' });
  return {
    input: {
      // "Safe" is a name without protocol.
      options: [...inputOptions, '-protocol_whitelist', playlist.protocols, '-f', 'concat', '-safe', '0'],
      source: `file:${path}`,
    },
    close: () => rm(path, { force: true }),
  };
}

function join(lines: readonly string[]): string {
  return ['ffconcat version 1.0', ...lines, ''].join('\n');
}

function quote(name: string): string {
  return `'${name.replaceAll("'", String.raw`'\''`)}'`;
}
