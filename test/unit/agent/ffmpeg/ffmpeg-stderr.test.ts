import { describe, expect, it } from 'vitest';
import { problemIn } from '../../../../agent/ffmpeg/ffmpeg-stderr.ts';

describe('problemIn', () => {
  it.each([
    '',
    '  ',
    'Enter command: <target>|all <time>|-1 <command>[ <argument>]',
    'Command reply for stream 0: ret:0 res:',
    'Command reply for stream -1: ret:-38 res:',
  ])('ignores the command dialogue: %j', (line) => {
    expect(problemIn(line)).toBeNull();
  });

  it('keeps a problem, without credentials', () => {
    expect(problemIn(' rtsp://me:secret@cam/live: Connection refused ')).toBe(
      'rtsp://***@cam/live: Connection refused',
    );
  });

  it('bounds the length of a line', () => {
    expect(problemIn('x'.repeat(5000))).toHaveLength(300);
  });
});
