import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { expect, it } from 'vitest';
import { securityHeaders, securityHeadersFor } from '../../../broker/security-headers.ts';

function headersFor(headers: Record<string, string>) {
  const request = new IncomingMessage(new Socket());
  Object.assign(request.headers, headers);
  return securityHeadersFor(request);
}

it.each([
  ['this machine', { host: '127.0.0.1:8080' }],
  ['this machine by name', { host: 'localhost:8080' }],
  ['this machine over IPv6', { host: '[::1]:8080' }],
  ['a proxy that has https', { host: 'page.example', 'x-forwarded-proto': 'https' }],
])('isolates the page for %s', (_, headers) => {
  expect(headersFor(headers)).toEqual(securityHeaders);
});

it.each([
  ['another machine', { host: '192.168.1.20:8080' }],
  ['a name that only begins like this machine', { host: 'localhost.example' }],
  ['nobody known', {}],
  ['a proxy that has no https either', { host: 'page.example', 'x-forwarded-proto': 'http' }],
])('asks for no isolation over plain http, and for all else, for %s', (_, headers) => {
  const { 'Cross-Origin-Opener-Policy': _isolation, ...others } = securityHeaders;
  expect(headersFor(headers)).toEqual(others);
});
