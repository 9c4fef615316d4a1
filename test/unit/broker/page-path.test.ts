import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parsePagePath } from '../../../broker/page-path.ts';

test.each([
  ['/', 'index.html'],
  ['/?x=1', 'index.html'],
  ['/index.html', 'index.html'],
  ['/assets/a-1b2c.js?v=../..', 'assets/a-1b2c.js'],
  ['/with%20space.png', 'with space.png'],
])('%s is %s', (target, path) => {
  expect(parsePagePath(target)).toEqual({ ok: true, value: path });
});

test.each([
  ['/../etc/passwd', 'malformed'],
  ['/%2e%2e/etc/passwd', 'malformed'],
  ['/a/..%2f..%2fetc/passwd', 'malformed'],
  ['/a/%5c..%5cx', 'malformed'],
  ['/a%00.html', 'malformed'],
  ['/%', 'malformed'],
  ['/%c0%ae', 'malformed'],
  ['/./x', 'malformed'],
  ['http://elsewhere/index.html', 'malformed'],
  ['*', 'malformed'],
  ['', 'malformed'],
  ['/.env', 'not-found'],
  ['/.git/config', 'not-found'],
  ['//etc/passwd', 'not-found'],
  ['/assets/', 'not-found'],
  ['/%252e%252e/x', null],
])('%s is refused as %s', (target, error) => {
  const outcome = parsePagePath(target);
  if (error === null) expect(outcome).toEqual({ ok: true, value: '%2e%2e/x' });
  else expect(outcome).toEqual({ ok: false, error });
});

test('no target leads out of the folder', () => {
  const piece = fc.constantFrom('/', '..', '.', '%2e', '%2f', '%5c', '\\', 'a', '%00', '?', '%25', '~');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
      const outcome = parsePagePath(`/${pieces.join('')}`);
      return !outcome.ok || join('/page', outcome.value).startsWith('/page/');
    }),
    { numRuns: 2000 },
  );
});
