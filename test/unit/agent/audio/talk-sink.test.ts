import { describe, expect, it } from 'vitest';
import { buildTalkOutput, describeTalkSink, parseTalkSink } from '../../../../agent/audio/talk-sink.ts';

describe('parseTalkSink', () => {
  it('reads devices and files', () => {
    expect(parseTalkSink('alsa:plughw:1,0')).toEqual({ ok: true, value: { kind: 'alsa', name: 'plughw:1,0' } });
    expect(parseTalkSink('pulse:default')).toEqual({ ok: true, value: { kind: 'pulse', name: 'default' } });
    expect(parseTalkSink('file:/a b/-x.wav')).toEqual({ ok: true, value: { kind: 'file', path: '/a b/-x.wav' } });
  });

  it.each(['', 'test', 'file:', 'file:a\0b', 'alsa:{x}', 'pulse:a b', 'rtsp://a/b', `file:${'x'.repeat(3000)}`])(
    'refuses %j with a sentence',
    (text) => {
      expect(parseTalkSink(text)).toEqual({ ok: false, error: expect.stringMatching(/\w{3}.*\.$/) });
    },
  );
});

describe('buildTalkOutput', () => {
  it('plays two channels to a sound card', () => {
    expect(buildTalkOutput({ kind: 'alsa', name: 'plughw:1,0' })).toEqual({
      options: ['-ac', '2', '-f', 'alsa'],
      target: 'plughw:1,0',
    });
  });

  it('leaves the default to the sound server, and lets it hold back little', () => {
    const { options, target } = buildTalkOutput({ kind: 'pulse', name: 'default' });
    expect(options).toEqual(['-f', 'pulse', '-name', 'Porthole', '-buffer_duration', '100']);
    expect(target).not.toMatch(/^-/);
    expect(buildTalkOutput({ kind: 'pulse', name: 'sink1' }).options.slice(-2)).toEqual(['-device', 'sink1']);
  });

  it('keeps a path a path', () => {
    expect(buildTalkOutput({ kind: 'file', path: 'http:x' }).target).toBe('file:http:x');
    expect(describeTalkSink({ kind: 'file', path: '/x.wav' })).toBe('/x.wav');
  });
});
