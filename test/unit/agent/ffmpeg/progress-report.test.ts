import { describe, expect, it } from 'vitest';
import { parseOutTimeMs } from '../../../../agent/ffmpeg/progress-report.ts';

const report = (time: string) =>
  `bitrate= 705.6kbits/s\ntotal_size=21166\nout_time_us=${time}\nout_time_ms=${time}\nprogress=continue\n`;

describe('parseOutTimeMs', () => {
  it('reads the time, the last one of several', () => {
    expect(parseOutTimeMs(report('240000'))).toBe(240);
    expect(parseOutTimeMs(report('240000') + report('290500'))).toBe(290.5);
  });

  it('knows no time before there is one', () => {
    for (const time of ['N/A', '-577014:32:22.770000', '-21333']) expect(parseOutTimeMs(report(time))).toBeNull();
    expect(parseOutTimeMs('')).toBeNull();
  });
});
