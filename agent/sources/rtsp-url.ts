import { failure, type Result, success } from '../../protocol/result.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are just what is refused here.
const unfit = /[\u0000-\u0020\u007f]/;

/** @returns the URL as it was given, or what is wrong, to be read after the name of the setting */
export function parseRtspUrl(url: string): Result<string, string> {
  // A URL parser drops line breaks silently; in a playlist they would begin an entry of their own.
  const isValid = /^rtsps?:\/\//i.test(url) && URL.canParse(url) && new URL(url).hostname !== '' && !unfit.test(url);
  return isValid ? success(url) : failure('must be a valid address of the form rtsp://HOST/PATH');
}
