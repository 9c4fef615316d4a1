import { describe, expect, it } from 'vitest';
import { describeSource, parseCameraSource } from '../../../../agent/sources/camera-source.ts';

describe('parseCameraSource', () => {
  it.each([
    ['test', { kind: 'test' }],
    ['file:clip.mp4', { kind: 'file', path: 'clip.mp4' }],
    ['file:/a b/ö:x.mp4', { kind: 'file', path: '/a b/ö:x.mp4' }],
    ['/dev/video0', { kind: 'v4l2', devicePath: '/dev/video0' }],
    [
      '/dev/v4l/by-id/usb-046d_C270-video-index0',
      { kind: 'v4l2', devicePath: '/dev/v4l/by-id/usb-046d_C270-video-index0' },
    ],
    ['rtsp://user:pass@10.0.0.5:554/stream?x=1', { kind: 'rtsp', url: 'rtsp://user:pass@10.0.0.5:554/stream?x=1' }],
    ['rpicam', { kind: 'rpicam', index: 0 }],
    ['rpicam:1', { kind: 'rpicam', index: 1 }],
    ['rtsps://cam.example/1', { kind: 'rtsp', url: 'rtsps://cam.example/1' }],
  ])('reads %s', (text, source) => {
    expect(parseCameraSource(text)).toEqual({ ok: true, value: source });
  });

  it.each([
    '',
    'testsrc2',
    'file:',
    '/dev/sda',
    '/dev/video0/../sda',
    '/dev/v4l/by-id/../../sda',
    '/dev/video0 -y /etc/passwd',
    'http://cam.example/',
    'lavfi:movie=/etc/passwd',
    'rtsp://',
    'rtsp://a b/',
    'rpicam:',
    'rpicam:x',
    'rpicam:10',
    'file:a\nb',
    `file:${'x'.repeat(3000)}`,
  ])('refuses %j saying what it must be', (text) => {
    expect(parseCameraSource(text)).toEqual({ ok: false, error: expect.stringMatching(/^must \w+/) });
  });

  it('does not repeat credentials in a refusal', () => {
    expect(JSON.stringify(parseCameraSource('http://user:secret@cam.example/'))).not.toContain('secret');
  });
});

describe('describeSource', () => {
  it('leaves credentials out, with unescaped signs in them too', () => {
    expect(describeSource({ kind: 'rtsp', url: 'rtsp://u:p@ss/word@cam.example/live' })).toBe(
      'rtsp://***@cam.example/live',
    );
  });
});
