import { describe, expect, it } from 'vitest';
import { causeOf } from '../../../../agent/ffmpeg/run-ffmpeg.ts';

describe('causeOf', () => {
  it('finds the line that says why, among those of a library and of what failed after it', () => {
    const problems = [
      'ALSA lib confmisc.c:165:(snd_config_get_card) Cannot get card index for 9',
      '[alsa @ 0x56289a83d2c0] cannot open audio device hw:9,0 (No such file or directory)',
      'Could not write header for output file #0 (incorrect codec parameters ?): Input/output error',
    ];
    expect(causeOf({ code: 1, signal: null, problems })).toBe(
      'cannot open audio device hw:9,0 (No such file or directory)',
    );
  });

  it('takes what there is', () => {
    const problems = ['ALSA lib a', 'ALSA lib b'];
    expect(causeOf({ code: 1, signal: null, problems })).toBe('ALSA lib b');
    expect(causeOf({ code: 1, signal: null, problems: [] })).toBe('ffmpeg ended with code 1');
    expect(causeOf({ code: null, signal: 'SIGKILL', problems })).toBe('ffmpeg was ended by SIGKILL');
    expect(causeOf({ code: null, signal: null, problems: ['spawn x ENOENT'] })).toBe(
      'ffmpeg cannot be run: spawn x ENOENT',
    );
  });
});
