import { failure, type Result, success } from '../../protocol/result.ts';
import { redactCredentials } from './redact-credentials.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are just what is refused here.
const unfit = /[\u0000-\u0020\u007f]/;

/** @returns the URL as it was given, or a sentence for people that says what is wrong */
export function parseRtspUrl(url: string): Result<string, string> {
  // A URL parser drops line breaks silently; in a playlist they would begin an entry of their own.
  const isValid = /^rtsps?:\/\//i.test(url) && URL.canParse(url) && new URL(url).hostname !== '' && !unfit.test(url);
  return isValid ? success(url) : failure(`"${redactCredentials(url)}" is not a valid RTSP URL.`);
}
