export type NutErrorCode = 'not-nut' | 'unsupported-version' | 'bad-header' | 'bad-frame' | 'too-large';

/** The byte stream is not the NUT that this project asks ffmpeg for. The stream cannot be read on from here. */
export class NutError extends Error {
  readonly code: NutErrorCode;

  constructor(code: NutErrorCode, message: string) {
    super(message);
    this.name = 'NutError';
    this.code = code;
  }
}
