import { describe, expect, it } from 'vitest';
import { parseRtspUrl } from '../../../../agent/sources/rtsp-url.ts';

describe('parseRtspUrl', () => {
  it.each(['rtsp://user:pass@10.0.0.5:554/stream?x=1', 'rtsps://cam.example/1'])('takes %s', (url) => {
    expect(parseRtspUrl(url)).toEqual({ ok: true, value: url });
  });

  it.each([
    'rtsp://',
    'rtsp://a b/',
    'http://cam.example/',
    'rtsp:cam',
    'rtsp://cam/\nfile /etc/passwd',
    'rtsp://cam/\t1',
  ])('refuses %j', (url) => {
    expect(parseRtspUrl(url).ok).toBe(false);
  });

  it('does not repeat credentials in a refusal', () => {
    expect(JSON.stringify(parseRtspUrl('rtsp://user:secret@ cam/'))).not.toContain('secret');
  });
});
