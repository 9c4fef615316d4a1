import { join } from 'node:path';
import { type OpenInput, withoutFiles } from '../ffmpeg/open-input.ts';
import { buildRtspPlaylist, openPlaylist } from '../ffmpeg/playlist.ts';
import type { AudioSource } from '../sources/audio-source.ts';
import { type AudioEncoding, buildAudioInput } from './opus-encoding.ts';

/** An input that is ready for one run of ffmpeg. @param options.runtimeDir for the address of a network camera */
export async function openAudioInput(options: {
  source: AudioSource;
  encoding: AudioEncoding;
  runtimeDir: string;
}): Promise<OpenInput> {
  const { source, encoding, runtimeDir } = options;
  if (source.kind === 'rtsp') {
    const playlist = buildRtspPlaylist(source.url, { only: 'audio' });
    return openPlaylist(playlist, { path: join(runtimeDir, 'audio-source.ffconcat'), inputOptions: [] });
  }
  return withoutFiles(buildAudioInput(source, encoding));
}
