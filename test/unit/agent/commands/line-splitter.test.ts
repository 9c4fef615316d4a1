import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineSplitter } from '../../../../agent/commands/line-splitter.ts';

describe('LineSplitter', () => {
  it('gives the same lines however the stream is cut', () => {
    const line = fc.string().map((text) => text.replaceAll('\n', ''));
    fc.assert(
      fc.property(fc.array(line), fc.array(fc.nat(40)), (lines, sizes) => {
        const stream = Buffer.from(lines.map((text) => `${text}\n`).join(''));
        const splitter = new LineSplitter(10_000);
        const found: string[] = [];
        let at = 0;
        for (const size of [...sizes, stream.length]) {
          for (const part of splitter.push(stream.subarray(at, at + size)) ?? []) found.push(part.toString());
          at += size;
        }
        expect(found).toEqual(lines);
      }),
    );
  });

  it('gives up a line that does not end', () => {
    const splitter = new LineSplitter(10);
    expect(splitter.push(Buffer.from('12345'))).toEqual([]);
    expect(splitter.push(Buffer.from('67890'))).toEqual([]);
    expect(splitter.push(Buffer.from('1'))).toBeNull();
  });
});
