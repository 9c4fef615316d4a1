import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { filterCoversFilter, isTopicFilter, isTopicName, topicMatchesFilter } from '../../../broker/topic-filter.ts';

// Few levels and few names, so that filters and topics meet often.
const level = fc.constantFrom('a', 'b', '', '$x');
const topic = fc
  .array(level, { minLength: 1, maxLength: 4 })
  .map((levels) => levels.join('/'))
  .filter(isTopicName);
const filter = fc
  .tuple(fc.array(fc.oneof(level, fc.constant('+')), { maxLength: 4 }), fc.constantFrom([], ['#']))
  .map(([levels, end]) => [...levels, ...end].join('/'))
  .filter(isTopicFilter);

/** Every topic of up to four levels over the alphabet above. */
const allTopics = listTopics(4).filter(isTopicName);

function listTopics(levels: number): string[] {
  const names = ['a', 'b', '', '$x'];
  if (levels === 1) return names;
  return [...names, ...listTopics(levels - 1).flatMap((rest) => names.map((name) => `${name}/${rest}`))];
}

/** MQTT 3.1.1 section 4.7 written down again, as a regular expression. */
function matchesByPattern(name: string, text: string): boolean {
  if (name.startsWith('$') && /^[+#]/.test(text)) return false;
  const pattern = text.replace(/[$.]/g, '\\$&').replaceAll('+', '[^/]*').replace(/^#$/, '.*').replace(/\/#$/, '(/.*)?');
  return new RegExp(`^${pattern}$`).test(name);
}

describe('topic filters', () => {
  test.each([
    ['a/b/c', 'a/b/c', true],
    ['a/b/c', 'a/+/c', true],
    ['a/b/c', 'a/+', false],
    ['a', 'a/#', true],
    ['a/', 'a/+', true],
    ['a', 'a/+', false],
    ['/a', '+/+', true],
    ['a/b', '#', true],
    ['$SYS/a', '#', false],
    ['$SYS/a', '+/a', false],
    ['$SYS/a', '$SYS/#', true],
    ['a/$SYS', 'a/+', true],
    ['constructor', '__proto__', false],
  ])('%s against %s is %s', (name, text, expected) => {
    expect(topicMatchesFilter(name, text)).toBe(expected);
  });

  test.each([
    ['#', 'a/+/#', true],
    ['#', '$SYS/a', false],
    ['#', '$SYS/#', false],
    ['a/+', 'a/#', false],
    ['a/#', 'a/+/b', true],
    ['a/#', 'a', true],
    ['a/+', 'a/b', true],
    ['a/b', 'a/+', false],
    ['+/#', '#', false],
    ['porthole/#', '#', false],
  ])('a grant of %s covers %s: %s', (outer, inner, expected) => {
    expect(filterCoversFilter(outer, inner)).toBe(expected);
  });

  test('match as the specification says', () => {
    fc.assert(
      fc.property(topic, filter, (name, text) => topicMatchesFilter(name, text) === matchesByPattern(name, text)),
    );
  });

  test('that are covered match nothing that the grant does not match', () => {
    fc.assert(
      fc.property(filter, filter, (outer, inner) => {
        const escaped = allTopics.filter((name) => topicMatchesFilter(name, inner) && !topicMatchesFilter(name, outer));
        return !filterCoversFilter(outer, inner) || escaped.length === 0;
      }),
      { numRuns: 500 },
    );
  });

  test('that are not covered match something that the grant does not match', () => {
    // Short ones, so that the topics above are long enough to tell any two apart.
    const short = filter.filter((text) => text.split('/').length <= 3);
    // No topic is empty, so these match what # or /# matches without being held to cover them.
    const isException = (text: string) => ['+/#', '/+/#', '+/+/#'].includes(text);
    fc.assert(
      fc.property(short, short, (outer, inner) => {
        const escaped = allTopics.some((name) => topicMatchesFilter(name, inner) && !topicMatchesFilter(name, outer));
        return isException(outer) || filterCoversFilter(outer, inner) || escaped;
      }),
      { numRuns: 500 },
    );
  });

  test.each(['', 'a#', 'a/#/b', '+a', 'a+/b', '#/a', 'a\0b', 'x'.repeat(257), 'ä'.repeat(129)])(
    '%j is none',
    (text) => {
      expect(isTopicFilter(text)).toBe(false);
    },
  );

  test.each(['', 'a/+', '#', 'a#b', 'a\0', 'x'.repeat(257)])('%j is no topic name', (text) => {
    expect(isTopicName(text)).toBe(false);
  });

  test('may be 256 bytes long', () => {
    expect(isTopicFilter('x'.repeat(256))).toBe(true);
    expect(isTopicName('ä'.repeat(128))).toBe(true);
  });
});
