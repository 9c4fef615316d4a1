import { describe, expect, it } from 'vitest';
import { redactCredentials } from '../../../../agent/ffmpeg/redact-credentials.ts';

describe('redactCredentials', () => {
  it.each([
    ['before the host', 'rtsp://me:secret@cam/live', 'rtsp://***@cam/live'],
    ['that hold what should have been escaped', 'rtsp://me:se/c@r?et@cam/live', 'rtsp://***@cam/live'],
    ['after the question mark', 'rtsp://cam:554/live?user=me&passwd=secret', 'rtsp://cam:554/live?***'],
    ['in both places', 'rtsp://me:secret@cam/live?token=secret', 'rtsp://***@cam/live?***'],
    [
      'in the path',
      'rtsp://cam/user=me&password=secret&channel=1&stream=0.sdp',
      'rtsp://cam/user=***&password=***&channel=1&stream=0.sdp',
    ],
  ])('hides credentials %s', (_, url, redacted) => {
    expect(redactCredentials(url)).toBe(redacted);
    expect(redactCredentials(`"${url}": Connection refused`)).toBe(`"${redacted}": Connection refused`);
  });

  it.each(['', 'no URL: user=me?', 'rtsp://cam:554/live', '/dev/video0: Device or resource busy'])(
    'keeps %j',
    (text) => {
      expect(redactCredentials(text)).toBe(text);
    },
  );
});
