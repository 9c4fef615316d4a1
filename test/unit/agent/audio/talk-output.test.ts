import { describe, expect, it } from 'vitest';
import { buildTalkOutput } from '../../../../agent/audio/talk-output.ts';

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
  });
});
