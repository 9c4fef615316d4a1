import { failure, type Result, success } from '../../protocol/result.ts';
import { type AudioDevice, describeDevice, parseAudioDevice } from './audio-device.ts';

/** Where the voice of a viewer goes. */
export type TalkSink =
  | AudioDevice
  /** A WAV file, written anew by each run of the player. */
  | { kind: 'file'; path: string };

const pathMaxLength = 2048;

/**
 * Reads the one form in which the config names a sink: `alsa:DEVICE`, `pulse:NAME` or `file:PATH`.
 *
 * @returns the sink, or what is wrong, to be read after the name of the setting
 */
export function parseTalkSink(text: string): Result<TalkSink, string> {
  const device = parseAudioDevice(text);
  if (device !== null) return device;
  const path = text.startsWith('file:') ? text.slice('file:'.length) : '';
  if (path !== '' && path.length <= pathMaxLength && !path.includes('\0')) return success({ kind: 'file', path });
  return failure('must be alsa:DEVICE, pulse:NAME or file:PATH');
}

/** For logs and messages. */
export function describeTalkSink(sink: TalkSink): string {
  return sink.kind === 'file' ? sink.path : describeDevice(sink);
}
