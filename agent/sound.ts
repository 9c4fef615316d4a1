import { AudioCapture } from './audio/audio-capture.ts';
import { TalkFloor } from './audio/talk-floor.ts';
import { TalkPlayer } from './audio/talk-player.ts';
import type { AgentConfig } from './config/config-schema.ts';
import type { FfmpegProgram } from './ffmpeg/find-ffmpeg.ts';
import type { MediaClock } from './media/media-clock.ts';
import { LiveAudio } from './session/live-audio.ts';
import { TalkDesk } from './session/talk-desk.ts';
import { describeAudioSource, parseAudioSource } from './sources/audio-source.ts';
import { describeTalkSink, parseTalkSink } from './sources/talk-sink.ts';
import type { Logger } from './system/logger.ts';

interface SoundOptions {
  config: AgentConfig;
  findFfmpeg(signal: AbortSignal): Promise<FfmpegProgram>;
  clock: MediaClock;
  logger: Logger;
}

/** The sound of the configuration; null where it has none. */
export function buildAudio({ config, findFfmpeg, clock, logger }: SoundOptions): LiveAudio | null {
  if (config.audio.source === undefined) return null;
  const source = parseAudioSource(config.audio.source);
  if (!source.ok) throw new Error(`audio.source ${source.error}`);
  logger.info({ source: describeAudioSource(source.value) }, 'sound configured');
  const { bitrateKbps, channels } = config.audio;
  return new LiveAudio({
    clock,
    bitrateKbps,
    onError: (error) => logger.error({ error }, 'a listener could not be served'),
    buildCapture: (onAccessUnit) =>
      new AudioCapture({
        source: source.value,
        encoding: { bitrateKbps, channels },
        findFfmpeg,
        runtimeDir: config.runtimeDir,
        clock,
        logger,
        onAccessUnit,
      }),
  });
}

/** The loudspeaker of the configuration; null where it has none. */
export function buildTalk({ config, findFfmpeg, logger }: Omit<SoundOptions, 'clock'>): TalkDesk | null {
  if (config.talk.sink === undefined) return null;
  const sink = parseTalkSink(config.talk.sink);
  if (!sink.ok) throw new Error(`talk.sink ${sink.error}`);
  logger.info({ sink: describeTalkSink(sink.value) }, 'loudspeaker configured');
  return new TalkDesk({ floor: new TalkFloor(), player: new TalkPlayer({ sink: sink.value, findFfmpeg, logger }) });
}
