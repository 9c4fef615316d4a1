import type { FfmpegOutput } from '../ffmpeg/ffmpeg.ts';
import type { TalkSink } from '../sources/talk-sink.ts';

/** What the sound server holds back at most, in milliseconds; its own choice is up to two seconds. */
const pulseBufferMs = 100;

/** What makes ffmpeg play to a sink. */
export function buildTalkOutput(sink: TalkSink): FfmpegOutput {
  switch (sink.kind) {
    case 'alsa':
      // Most devices know two channels, and no plain one mixes.
      return { options: ['-ac', '2', '-f', 'alsa'], target: sink.name };
    case 'pulse':
      return {
        options: [
          ...['-f', 'pulse', '-name', 'Porthole', '-buffer_duration', String(pulseBufferMs)],
          ...(sink.name === 'default' ? [] : ['-device', sink.name]),
        ],
        target: 'talk',
      };
    case 'file':
      return { options: ['-f', 'wav', '-y'], target: `file:${sink.path}` };
  }
}
