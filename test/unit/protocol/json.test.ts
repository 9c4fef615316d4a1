import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeBase64Url, encodeUtf8, parseBase64Url, parseUtf8 } from '../../../protocol/bytes.ts';
import { parseJson } from '../../../protocol/json.ts';

const bounds = { maxBytes: 64, maxDepth: 3 };

describe('parseJson', () => {
  it('takes text and bytes', () => {
    expect(parseJson('{"a":[1,"é"]}', bounds)).toEqual({ ok: true, value: { a: [1, 'é'] } });
    expect(parseJson(encodeUtf8('"é"'), bounds)).toEqual({ ok: true, value: 'é' });
  });

  it('refuses what is over the size, before reading it', () => {
    expect(parseJson('"'.padEnd(65, 'x'), bounds)).toEqual({ ok: false, error: 'too-large' });
    expect(parseJson(new Uint8Array(65).fill(0xff), bounds)).toEqual({ ok: false, error: 'too-large' });
    expect(parseJson(`"${'x'.repeat(62)}"`, bounds).ok).toBe(true);
  });

  it('refuses what is nested too deep', () => {
    expect(parseJson('[{"a":[]}]', bounds).ok).toBe(true);
    expect(parseJson('[{"a":[{}]}]', bounds)).toEqual({ ok: false, error: 'too-deep' });
    expect(parseJson('[[[[', bounds)).toEqual({ ok: false, error: 'too-deep' });
  });

  it('does not count brackets inside of strings', () => {
    expect(parseJson('"[[[[["', bounds)).toEqual({ ok: true, value: '[[[[[' });
    expect(parseJson(String.raw`["\"[[[[", "\\", []]`, bounds)).toEqual({ ok: true, value: ['"[[[[', '\\', []] });
    expect(parseJson(String.raw`["\\",[[[]]]]`, bounds)).toEqual({ ok: false, error: 'too-deep' });
  });

  it('refuses what is no JSON or no UTF-8', () => {
    for (const text of ['', '{', '{a:1}', 'undefined', '1 2', '"\n"', 'NaN']) {
      expect(parseJson(text, bounds)).toEqual({ ok: false, error: 'not-json' });
    }
    expect(parseJson(Uint8Array.of(0x22, 0xc3, 0x22), bounds)).toEqual({ ok: false, error: 'not-utf8' });
  });

  it('knows the depth of every JSON value', () => {
    const depthOf = (value: unknown): number =>
      typeof value === 'object' && value !== null ? 1 + Math.max(0, ...Object.values(value).map(depthOf)) : 0;
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), (text) => {
        const depth = depthOf(JSON.parse(text));
        expect(parseJson(text, { maxBytes: text.length, maxDepth: depth }).ok).toBe(true);
        if (depth > 0) expect(parseJson(text, { maxBytes: text.length, maxDepth: depth - 1 }).ok).toBe(false);
      }),
    );
  });
});

describe('text and bytes', () => {
  it('round-trip as base64url, in one spelling only', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 50 }), (bytes) => {
        expect(parseBase64Url(encodeBase64Url(bytes), bytes.length)).toEqual(bytes);
        expect(encodeBase64Url(bytes)).toBe(Buffer.from(bytes).toString('base64url'));
      }),
    );
    fc.assert(
      fc.property(fc.stringMatching(/^[A-Za-z0-9_+/=-]{0,12}$/), (text) => {
        const bytes = parseBase64Url(text);
        if (bytes) expect(encodeBase64Url(bytes)).toBe(text);
      }),
    );
  });

  it('are refused when the length is another', () => {
    expect(parseBase64Url('AAEC', 2)).toBeNull();
    expect(parseBase64Url('AAEC', 3)).toEqual(Uint8Array.of(0, 1, 2));
    expect(parseBase64Url(' AAEC')).toBeNull();
  });

  it('are no text when they are not UTF-8', () => {
    expect(parseUtf8(Uint8Array.of(0xed, 0xa0, 0x80))).toBeNull();
    expect(parseUtf8(encodeUtf8('🐦'))).toBe('🐦');
  });
});
