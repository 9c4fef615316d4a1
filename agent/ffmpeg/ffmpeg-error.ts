export type FfmpegErrorCode =
  | 'ffmpeg-not-found'
  | 'ffmpeg-broken'
  | 'ffmpeg-too-old'
  | 'no-h264-encoder'
  | 'socket-path-too-long';

/** ffmpeg on this device cannot do what the agent needs; the message says what to do about it. */
export class FfmpegError extends Error {
  readonly code: FfmpegErrorCode;

  private constructor(code: FfmpegErrorCode, message: string) {
    super(message);
    this.name = 'FfmpegError';
    this.code = code;
  }

  static notFound(triedPaths: readonly string[]): FfmpegError {
    const tried = triedPaths.length === 0 ? '' : ` (tried ${triedPaths.join(', ')})`;
    return new FfmpegError(
      'ffmpeg-not-found',
      `ffmpeg was not found${tried}. Install it, for example with "apt install ffmpeg", or set its path in the config.`,
    );
  }

  static broken(path: string, reason: string): FfmpegError {
    return new FfmpegError('ffmpeg-broken', `${path} does not run: ${reason}. Install a working ffmpeg.`);
  }

  static tooOld(path: string, version: string, minimum: string): FfmpegError {
    return new FfmpegError('ffmpeg-too-old', `${path} is version ${version}; install ffmpeg ${minimum} or later.`);
  }

  static noEncoder(path: string, wanted: string, reason: string): FfmpegError {
    return new FfmpegError(
      'no-h264-encoder',
      `${path} cannot encode H.264 with ${wanted} (${reason}). Install an ffmpeg built with libx264, such as Debian's.`,
    );
  }

  static socketPathTooLong(path: string, maxBytes: number): FfmpegError {
    return new FfmpegError(
      'socket-path-too-long',
      `the socket path ${path} is longer than ${maxBytes} bytes; choose a shorter runtime directory`,
    );
  }
}
