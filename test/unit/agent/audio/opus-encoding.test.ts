import { describe, expect, it } from 'vitest';
import { type AudioEncoding, buildAudioInput, buildOpusOutput } from '../../../../agent/audio/opus-encoding.ts';

const mono: AudioEncoding = { bitrateKbps: 48, channels: 1 };
const stereo: AudioEncoding = { bitrateKbps: 64, channels: 2 };

describe('buildAudioInput', () => {
  it('asks a sound card for what the encoder wants', () => {
    expect(buildAudioInput({ kind: 'alsa', name: 'plughw:1,0' }, mono)).toEqual({
      options: ['-f', 'alsa', '-sample_rate', '48000', '-channels', '1'],
      source: 'plughw:1,0',
    });
  });

  it('asks the sound server for one frame at a time', () => {
    const fragmentOf = (encoding: AudioEncoding) => {
      const { options } = buildAudioInput({ kind: 'pulse', name: 'default' }, encoding);
      return Number(options[options.indexOf('-fragment_size') + 1]);
    };
    expect(fragmentOf(mono)).toBe(48 * 20 * 2);
    expect(fragmentOf(stereo)).toBe(48 * 20 * 4);
    expect(buildAudioInput({ kind: 'pulse', name: 'default' }, mono).source).toBe('default');
  });

  it('makes the test tone in real time', () => {
    expect(buildAudioInput({ kind: 'test' }, mono).source).toMatch(/arealtime.*440.*1000/);
  });
});

describe('buildOpusOutput', () => {
  it('gives each 20 ms their own stamp and packet', () => {
    const { options, target } = buildOpusOutput(stereo, 'unix:/x');
    const valueAfter = (name: string) => options[options.indexOf(name) + 1];
    expect(valueAfter('-af')).toMatch(
      /sample_rates=48000:channel_layouts=stereo,asetnsamples=n=960:p=0,asetpts='.*RTCTIME/,
    );
    expect(valueAfter('-b:a')).toBe('64k');
    expect(valueAfter('-frame_duration')).toBe('20');
    expect(target).toBe('unix:/x');
    expect(buildOpusOutput(mono, 'unix:/x').options.join()).toContain('channel_layouts=mono');
  });
});
