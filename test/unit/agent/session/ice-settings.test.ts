import { describe, expect, it } from 'vitest';
import { buildIceServers, buildPeerIce, type IceConfig } from '../../../../agent/session/ice-settings.ts';

const stunOnly: IceConfig = { stun: ['stun:stun.example:3478'], lanOnly: false };
const withTurn: IceConfig = {
  ...stunOnly,
  turn: { urls: ['turn:turn.example:3478?transport=udp'], secret: 'north', ttlSeconds: 3600 },
};

describe('buildIceServers', () => {
  it('hands out TURN credentials that coturn can check', () => {
    const [, turn] = buildIceServers(withTurn, 'viewer1', 1_700_000_000_900);
    // printf 1700003600:viewer1 | openssl dgst -sha1 -hmac north -binary | base64
    expect(turn).toEqual({
      urls: ['turn:turn.example:3478?transport=udp'],
      username: '1700003600:viewer1',
      credential: 'zbuUGaVZ52ATn2dgKo8pjk86EAA=',
    });
  });

  it('leaves out what there is none of', () => {
    expect(buildIceServers(stunOnly, 'viewer1', 0)).toEqual([{ urls: ['stun:stun.example:3478'] }]);
    expect(buildIceServers({ stun: [], lanOnly: false }, 'viewer1', 0)).toEqual([]);
  });

  it('asks nobody outside in a LAN', () => {
    expect(buildIceServers({ ...withTurn, lanOnly: true }, 'viewer1', 0)).toEqual([]);
  });
});

describe('buildPeerIce', () => {
  it('gives the device credentials of its own', () => {
    const { servers, portRange, announce } = buildPeerIce(withTurn, 'device1', 0);
    expect(servers.at(-1)).toMatchObject({ username: '3600:device1' });
    expect([portRange, announce]).toEqual([undefined, undefined]);
  });

  it('maps every port of the range to the one outside', () => {
    const ice = buildPeerIce(
      {
        ...stunOnly,
        portRange: [5000, 5002],
        announce: { address: '203.0.113.9', ports: { from: 61_000 }, only: true },
      },
      'device1',
      0,
    );
    expect(ice.portRange).toEqual([5000, 5002]);
    expect(ice.announce).toEqual({
      address: '203.0.113.9',
      only: true,
      ports: new Map([
        [5000, 61_000],
        [5001, 61_001],
        [5002, 61_002],
      ]),
    });
  });

  it('keeps the ports when only the address differs', () => {
    const ice = buildPeerIce({ ...stunOnly, announce: { address: '203.0.113.9', only: false } }, 'device1', 0);
    expect(ice.announce?.ports.size).toBe(0);
  });
});
