import { failure, type Result, success } from '../../protocol/result.ts';
import type { FfmpegOutput } from '../ffmpeg/ffmpeg.ts';
import { type AudioDevice, describeDevice, parseAudioDevice } from './audio-device.ts';

/** Where the voice of a viewer goes. */
export type TalkSink =
  | AudioDevice
  /** A WAV file, written anew by each run of the player. */
  | { kind: 'file'; path: string };

const pathMaxLength = 2048;
/** What the sound server holds back at most, in milliseconds; its own choice is up to two seconds. */
const pulseBufferMs = 100;

/**
 * Reads the one form in which the config names a sink: `alsa:DEVICE`, `pulse:NAME` or `file:PATH`.
 *
 * @returns the sink, or a sentence for people that says what is wrong
 */
export function parseTalkSink(text: string): Result<TalkSink, string> {
  const device = parseAudioDevice(text);
  if (device !== null) return device;
  const path = text.startsWith('file:') ? text.slice('file:'.length) : '';
  if (path !== '' && path.length <= pathMaxLength && !path.includes('\0')) return success({ kind: 'file', path });
  return failure(
    `"${text.slice(0, pathMaxLength)}" is not a sink for sound: give alsa:DEVICE, pulse:NAME or file:PATH.`,
  );
}

/** For logs and messages. */
export function describeTalkSink(sink: TalkSink): string {
  return sink.kind === 'file' ? sink.path : describeDevice(sink);
}

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
