import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limits } from '../../../protocol/limits.ts';
import { buildLink, type DeviceLink, parseLink } from '../../../protocol/link.ts';

const devicePublicKey = Uint8Array.from({ length: 32 }, (_, index) => index * 7);
const link: DeviceLink = {
  devicePublicKey,
  brokerUrl: 'wss://user:p%40ss@broker.example:8443/mqtt?x=1&y=2',
  invite: 'AAECAwQFBgcICQoLDA0ODw',
  name: 'Tür & Tor #1 🐦 = 100%',
  topicPrefix: 'home/porthole',
};
const page = 'https://page.example/view/';
const text = buildLink(page, link);

/** The link with one field of its query replaced, or left out. */
function withField(key: string, value?: string): string {
  const [start, query = ''] = text.split('?');
  const others = query.split('&').filter((part) => !part.startsWith(`${key}=`));
  return `${start}?${[...others, ...(value === undefined ? [] : [`${key}=${value}`])].join('&')}`;
}

describe('a link', () => {
  it('comes back as it was built, whole or as a fragment', () => {
    expect(parseLink(text)).toEqual({ ok: true, value: link });
    expect(parseLink(text.slice(text.indexOf('#')))).toEqual({ ok: true, value: link });
  });

  it('comes back with its required parts alone', () => {
    const least = { devicePublicKey, brokerUrl: 'ws://192.0.2.1:8080/mqtt' };
    expect(parseLink(buildLink('', least))).toEqual({ ok: true, value: { ...least } });
  });

  it('tells no server anything: all is in the fragment', () => {
    expect(text.slice(0, text.indexOf('#'))).toBe(page);
    expect(buildLink(`${page}#/old`, link)).toBe(text);
  });

  it('round-trips for any name, address and prefix', () => {
    const prefix = fc.stringMatching(/^[A-Za-z0-9_-]{1,20}(\/[A-Za-z0-9_-]{1,20}){0,2}$/);
    const any = fc.record({
      devicePublicKey: fc.uint8Array({ minLength: 32, maxLength: 32 }),
      brokerUrl: fc.webUrl({ validSchemes: ['ws', 'wss'], withQueryParameters: true, size: 'small' }),
      name: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter((name) => name.length <= 64),
      topicPrefix: fc.option(prefix, { nil: undefined }),
    });
    fc.assert(
      fc.property(any, (built) => {
        expect(parseLink(buildLink(page, built))).toEqual({ ok: true, value: built });
      }),
      { numRuns: 30 },
    );
  });
});

describe('a broken link', () => {
  it('never throws and has a sentence, wherever it is cut', () => {
    for (let length = 0; length < text.length; length += 1) {
      const parsed = parseLink(text.slice(0, length));
      if (!parsed.ok) expect(parsed.error).toMatch(/^[A-Z].*\.$/);
      else expect(parseLink(buildLink(page, parsed.value))).toEqual(parsed);
    }
  });

  it('is refused without a whole key', () => {
    for (let length = 0; length < text.indexOf('&b=wss'); length += 1) {
      expect(parseLink(text.slice(0, length)).ok).toBe(false);
    }
  });

  it.each([
    ['no key', 'k', undefined],
    ['a key that is too long', 'k', 'A'.repeat(44)],
    ['a key of other characters', 'k', '*'.repeat(43)],
    ['no broker', 'b', undefined],
    ['a broker that is no WebSocket', 'b', 'https%3A%2F%2Fbroker.example'],
    ['a broker that is code', 'b', 'javascript:alert(1)//ws://x'],
    ['a broker without a host', 'b', 'ws%3A%2F%2F'],
    ['a broker with half a host', 'b', 'ws%3A%2F%2F%5B'],
    ['a broker port that does not exist', 'b', 'ws%3A%2F%2Fhost%3A99999'],
    ['a broker with a fragment', 'b', 'ws%3A%2F%2Fhost%2F%23x'],
    ['a broker with half a character', 'b', 'ws://host/\ud800'],
    ['a long broker', 'b', `ws%3A%2F%2Fhost%2F${'x'.repeat(256)}`],
    ['an invite that is cut', 't', 'AAEC'],
    ['a prefix with a wildcard', 'p', '%2B%2F%23'],
    ['a prefix of the broker itself', 'p', '%24SYS'],
    ['an empty prefix', 'p', ''],
  ])('is refused with %s', (_, key, value) => {
    expect(parseLink(withField(key, value)).ok).toBe(false);
  });

  it('is taken for what is left of it when only the name is broken', () => {
    expect(parseLink(withField('n', '%E2%82'))).toEqual({ ok: true, value: { ...link, name: undefined } });
    expect(parseLink(withField('n', ''))).toEqual({ ok: true, value: { ...link, name: undefined } });
  });

  it('has its name cut so that it can be put into a link again', () => {
    const parsed = parseLink(withField('n', `${'x'.repeat(limits.nameMaxLength - 1)}🐦`));
    expect(parsed.ok && parsed.value.name).toBe('x'.repeat(limits.nameMaxLength - 1));
    expect(parsed.ok && parseLink(buildLink(page, parsed.value))).toEqual(parsed);
  });

  it('never throws on any text, and what it takes can be put into a link again', () => {
    const field = fc.tuple(fc.constantFrom('k', 'b', 't', 'n', 'p', ''), fc.string({ unit: 'binary' }));
    fc.assert(
      fc.property(fc.array(field), (fields) => {
        const query = fields.map(([key, value]) => `${key}=${value}`).join('&');
        const parsed = parseLink(`${text}&${query}`);
        if (parsed.ok) expect(parseLink(buildLink(page, parsed.value))).toEqual(parsed);
      }),
    );
  });
});
