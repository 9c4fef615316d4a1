import { describe, expect, it } from 'vitest';
import { buildRtspInput, parseRtspUrl } from '../../../../agent/ffmpeg/rtsp-input.ts';

describe('parseRtspUrl', () => {
  it.each(['rtsp://user:pass@10.0.0.5:554/stream?x=1', 'rtsps://cam.example/1'])('takes %s', (url) => {
    expect(parseRtspUrl(url)).toEqual({ ok: true, value: url });
  });

  it.each(['rtsp://', 'rtsp://a b/', 'http://cam.example/', 'rtsp:cam'])('refuses %s', (url) => {
    expect(parseRtspUrl(url).ok).toBe(false);
  });

  it('does not repeat credentials in a refusal', () => {
    expect(JSON.stringify(parseRtspUrl('rtsp://user:secret@ cam/'))).not.toContain('secret');
  });
});

describe('buildRtspInput', () => {
  it('reaches nothing but the stream, and gives up on one that is silent', () => {
    const { options, source } = buildRtspInput('rtsp://cam/1', ['-flags', 'low_delay']);
    expect(source).toBe('rtsp://cam/1');
    expect(options[options.indexOf('-protocol_whitelist') + 1]).toBe('rtsp,rtsps,rtp,tcp,tls,crypto');
    expect(options).toContain('-timeout');
    expect(options.slice(-2)).toEqual(['-flags', 'low_delay']);
  });
});
