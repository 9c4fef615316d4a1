/** What a network input may use. */
const rtspProtocols = 'rtsp,rtsps,rtp,tcp,tls,crypto';
const rtspTimeoutMicroseconds = 5_000_000;
/** At the end of the list ffmpeg is started again, which is seen as a short gap. */
const repetitions = 10_000;

/**
 * A playlist (ffmpeg's `concat`) with a network camera as its only entry. The URL, which may hold a password, is better in a file of ours
 * than in the arguments of a process, which every user of the machine can read.
 */
export function buildRtspPlaylist(url: string): string {
  return buildPlaylist([
    `file ${quote(url)}`,
    `option protocol_whitelist ${rtspProtocols}`,
    'option rtsp_transport tcp',
    `option timeout ${rtspTimeoutMicroseconds}`,
    'option analyzeduration 1000000',
    'option fpsprobesize 0',
  ]);
}

/** A playlist with one file over and over: at each turn of `-stream_loop` version 5.1 ends the bit stream filters for good. */
export function buildFilePlaylist(path: string): string {
  // The protocol name keeps a path like "http:x" a path.
  return buildPlaylist(new Array<string>(repetitions).fill(`file ${quote(`file:${path}`)}`));
}

/** What the reader of the playlist may use, for `-protocol_whitelist`: the file itself and what its entries need. */
export const playlistProtocols = { file: 'file', rtsp: `file,${rtspProtocols}` } as const;

function buildPlaylist(lines: readonly string[]): string {
  return ['ffconcat version 1.0', ...lines, ''].join('\n');
}

function quote(name: string): string {
  return `'${name.replaceAll("'", String.raw`'\''`)}'`;
}
