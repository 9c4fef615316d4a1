import { describe, expect, it } from 'vitest';
import { describeAudioSource, parseAudioSource } from '../../../../agent/sources/audio-source.ts';

describe('parseAudioSource', () => {
  it.each([
    ['test', { kind: 'test' }],
    ['alsa:default', { kind: 'alsa', name: 'default' }],
    ['alsa:plughw:CARD=Device,DEV=0', { kind: 'alsa', name: 'plughw:CARD=Device,DEV=0' }],
    ['pulse:@DEFAULT_SOURCE@', { kind: 'pulse', name: '@DEFAULT_SOURCE@' }],
    [
      'pulse:alsa_input.usb-046d_0825-02.mono-fallback',
      { kind: 'pulse', name: 'alsa_input.usb-046d_0825-02.mono-fallback' },
    ],
    ['rtsp://user:pass@10.0.0.5/1', { kind: 'rtsp', url: 'rtsp://user:pass@10.0.0.5/1' }],
  ])('reads %s', (text, source) => {
    expect(parseAudioSource(text)).toEqual({ ok: true, value: source });
  });

  it.each([
    '',
    'alsa',
    'alsa:',
    'alsa:-f',
    'alsa:file:/etc/passwd',
    'alsa:{type file file "|reboot"}',
    'alsa:hw:0 -y',
    'pulse:',
    'pulse:-device',
    'pulse:a/b',
    'pulse:a\nb',
    'hw:0',
    'file:/a.wav',
    'rtsp://',
    'lavfi:amovie=/etc/passwd',
    `alsa:${'x'.repeat(3000)}`,
  ])('refuses %j saying what it must be', (text) => {
    expect(parseAudioSource(text)).toEqual({ ok: false, error: expect.stringMatching(/^must \w+/) });
  });

  it('does not repeat credentials, in a refusal or in a description', () => {
    expect(JSON.stringify(parseAudioSource('http://user:secret@cam/'))).not.toContain('secret');
    expect(describeAudioSource({ kind: 'rtsp', url: 'rtsp://user:secret@cam/1' })).toBe('rtsp://***@cam/1');
    expect(describeAudioSource({ kind: 'alsa', name: 'hw:0' })).toBe('alsa:hw:0');
  });
});
