import { failure, type Result, success } from '../../protocol/result.ts';
import type { FfmpegInput } from './ffmpeg.ts';
import { redactCredentials } from './redact-credentials.ts';

const timeoutMicroseconds = 5_000_000;
const analysisMicroseconds = 1_000_000;

/** @returns the URL as it was given, or a sentence for people that says what is wrong */
export function parseRtspUrl(url: string): Result<string, string> {
  const isValid = /^rtsps?:\/\//i.test(url) && URL.canParse(url) && new URL(url).hostname !== '' && !url.includes(' ');
  return isValid ? success(url) : failure(`"${redactCredentials(url)}" is not a valid RTSP URL.`);
}

/** @param options what else goes before the URL */
export function buildRtspInput(url: string, options: readonly string[]): FfmpegInput {
  return {
    options: [
      ...['-protocol_whitelist', 'rtsp,rtsps,rtp,tcp,tls,crypto'],
      ...['-rtsp_transport', 'tcp'],
      ...['-timeout', String(timeoutMicroseconds)],
      ...['-analyzeduration', String(analysisMicroseconds)],
      ...options,
    ],
    source: url,
  };
}
