import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { securityHeaders } from '../../../broker/security-headers.ts';

it.each([
  ['nginx.conf', /^ *add_header ([A-Za-z-]+) "([^"]*)" always;$/gm],
  ['Caddyfile', /^\t+([A-Za-z-]+) "([^"]*)"$/gm],
])('%s sends the headers that the embedded server sends', (file, line) => {
  const text = readFileSync(new URL(`../../../broker/deploy/static-page/${file}`, import.meta.url), 'utf8');
  const { 'Cache-Control': caching, ...headers } = Object.fromEntries(
    [...text.matchAll(line)].map(([, name = '', value]) => [name, value]),
  );
  expect(headers).toEqual(securityHeaders);
  expect(caching).toBe('no-cache');
});
