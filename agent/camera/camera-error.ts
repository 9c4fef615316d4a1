export type CameraErrorCode = 'snapshot-timeout' | 'camera-stopped' | 'no-such-rendition' | 'aborted';

/** Something that a caller asked of a camera could not be done. */
export class CameraError extends Error {
  readonly code: CameraErrorCode;

  private constructor(code: CameraErrorCode, message: string) {
    super(message);
    this.name = 'CameraError';
    this.code = code;
  }

  static snapshotTimeout(timeoutMs: number, reason: string): CameraError {
    return new CameraError('snapshot-timeout', `no picture within ${timeoutMs / 1000} s: ${reason}`);
  }

  static stopped(): CameraError {
    return new CameraError('camera-stopped', 'the camera is stopped');
  }

  static noSuchRendition(name: string): CameraError {
    return new CameraError('no-such-rendition', `the camera has no rendition ${name}`);
  }

  static aborted(): CameraError {
    return new CameraError('aborted', 'nobody waits for the picture any more');
  }
}
