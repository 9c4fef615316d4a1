import { failure, type Result, success } from '../../protocol/result.ts';
import { redactCredentials } from '../ffmpeg/redact-credentials.ts';
import { type AudioDevice, describeDevice, parseAudioDevice } from './audio-device.ts';
import { parseRtspUrl } from './rtsp-url.ts';

/** Where sound comes from. */
export type AudioSource = { kind: 'test' } | AudioDevice | { kind: 'rtsp'; url: string };

const textMaxLength = 2048;

/**
 * Reads the one form in which the config names a source of sound: `test`, `alsa:DEVICE`, `pulse:NAME`, `rtsp://…` or
 * `rtsps://…`.
 *
 * @returns the source, or what is wrong, to be read after the name of the setting
 */
export function parseAudioSource(text: string): Result<AudioSource, string> {
  if (text.length > textMaxLength) return failure(`must have at most ${textMaxLength} characters`);
  if (text === 'test') return success({ kind: 'test' });
  const device = parseAudioDevice(text);
  if (device !== null) return device;
  if (/^rtsps?:/i.test(text)) {
    const url = parseRtspUrl(text);
    return url.ok ? success({ kind: 'rtsp', url: url.value }) : url;
  }
  return failure('must be test, alsa:DEVICE, pulse:NAME or rtsp://ADDRESS');
}

/** A name of the source for logs and messages, without credentials. */
export function describeAudioSource(source: AudioSource): string {
  switch (source.kind) {
    case 'test':
      return 'the test tone';
    case 'rtsp':
      return redactCredentials(source.url);
    default:
      return describeDevice(source);
  }
}
