import { expect, it } from 'vitest';
import { parseIceServerUrl } from '../../../../agent/doctor/ice-server-url.ts';

it.each([
  ['stun:stun.example', { host: 'stun.example', port: 3478, isUdp: true }],
  ['stun:stun.example:19302', { host: 'stun.example', port: 19_302, isUdp: true }],
  ['turn:[2001:db8::1]:3479?transport=udp', { host: '2001:db8::1', port: 3479, isUdp: true }],
  ['turn:turn.example?transport=tcp', { host: 'turn.example', port: 3478, isUdp: false }],
  ['turns:turn.example', { host: 'turn.example', port: 5349, isUdp: false }],
])('reads %s', (url, address) => {
  expect(parseIceServerUrl(url)).toEqual(address);
});
