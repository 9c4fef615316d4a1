import { failure, type Result, success } from '../../protocol/result.ts';
import { redactCredentials } from '../ffmpeg/redact-credentials.ts';
import { parseRtspUrl } from './rtsp-url.ts';

/** Where pictures come from. */
export type CameraSource =
  | { kind: 'test' }
  /** A video file that is played in a loop, or a FIFO that carries live YUV4MPEG2. */
  | { kind: 'file'; path: string }
  | { kind: 'v4l2'; devicePath: string }
  /** A camera on the CSI connector of a Raspberry Pi, by its number. */
  | { kind: 'rpicam'; index: number }
  | { kind: 'rtsp'; url: string };

const textMaxLength = 2048;
const rpicam = /^rpicam(?::(\d))?$/;
const videoDevice = /^\/dev\/(video\d{1,3}|v4l\/by-(id|path)\/[A-Za-z0-9][\w.:+-]{0,200})$/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are just what is refused here.
const controlCharacter = /[\u0000-\u001f\u007f]/;

/**
 * Reads the one form in which the config and the command line name a source: `test`, `file:PATH`, `/dev/videoN` (also
 * `/dev/v4l/by-id/…` and `by-path`), `rpicam` or `rpicam:INDEX`, `rtsp://…` or `rtsps://…`.
 *
 * @returns the source, or what is wrong, to be read after the name of the setting. It does not repeat the text, which may hold a
 * password
 */
export function parseCameraSource(text: string): Result<CameraSource, string> {
  if (text.length > textMaxLength || controlCharacter.test(text)) {
    return failure('must be one line of at most 2048 characters');
  }
  if (text === 'test') return success({ kind: 'test' });
  if (text.startsWith('file:')) return parseFile(text.slice('file:'.length));
  if (text.startsWith('/dev/')) return parseDevice(text);
  if (/^rtsps?:\/\//i.test(text)) return parseRtsp(text);
  const csi = rpicam.exec(text);
  if (csi !== null) return success({ kind: 'rpicam', index: Number(csi[1] ?? 0) });
  return failure('must be test, file:PATH, /dev/videoN, rpicam or rtsp://ADDRESS');
}

/** A name of the source for logs and messages, without credentials. */
export function describeSource(source: CameraSource): string {
  switch (source.kind) {
    case 'test':
      return 'the test pattern';
    case 'file':
      return source.path;
    case 'v4l2':
      return source.devicePath;
    case 'rpicam':
      return `rpicam:${source.index}`;
    case 'rtsp':
      return redactCredentials(source.url);
  }
}

function parseFile(path: string): Result<CameraSource, string> {
  return path === '' ? failure('must have a path after "file:"') : success({ kind: 'file', path });
}

function parseDevice(devicePath: string): Result<CameraSource, string> {
  return videoDevice.test(devicePath)
    ? success({ kind: 'v4l2', devicePath })
    : failure('must be a video device: /dev/videoN, or a link in /dev/v4l/by-id or by-path');
}

function parseRtsp(text: string): Result<CameraSource, string> {
  const url = parseRtspUrl(text);
  return url.ok ? success({ kind: 'rtsp', url: url.value }) : url;
}
