import { describe, expect, it } from 'vitest';
import { describeTalkSink, parseTalkSink } from '../../../../agent/sources/talk-sink.ts';

describe('parseTalkSink', () => {
  it('reads devices and files', () => {
    expect(parseTalkSink('alsa:plughw:1,0')).toEqual({ ok: true, value: { kind: 'alsa', name: 'plughw:1,0' } });
    expect(parseTalkSink('pulse:default')).toEqual({ ok: true, value: { kind: 'pulse', name: 'default' } });
    expect(parseTalkSink('file:/a b/-x.wav')).toEqual({ ok: true, value: { kind: 'file', path: '/a b/-x.wav' } });
  });

  it('calls a file by its path', () => {
    expect(describeTalkSink({ kind: 'file', path: '/x.wav' })).toBe('/x.wav');
  });

  it.each(['', 'test', 'file:', 'file:a\0b', 'alsa:{x}', 'pulse:a b', 'rtsp://a/b', `file:${'x'.repeat(3000)}`])(
    'refuses %j saying what it must be',
    (text) => {
      expect(parseTalkSink(text)).toEqual({ ok: false, error: expect.stringMatching(/^must \w+/) });
    },
  );
});
