import { describe, expect, it } from 'vitest';
import {
  announceCandidate,
  announceInSdp,
  buildH264Format,
  buildMediaAttributes,
  buildNativeIceServers,
} from '../../../../agent/rtc/offer-lines.ts';
import { isUsableCandidate } from '../../../../protocol/sdp-policy.ts';
import { libdatachannelOffer } from '../../../helpers/protocol-descriptions.ts';

const host = 'candidate:1 1 UDP 2114977791 192.0.2.2 46644 typ host';
const host6 = 'candidate:2 1 UDP 2116026111 fd00::2 46644 typ host';
const reflexive = 'candidate:3 1 UDP 1678769919 203.0.113.1 46644 typ srflx raddr 0.0.0.0 rport 0';
const outside = { address: '198.51.100.7', ports: new Map([[46644, 61000]]), only: false };

describe('buildMediaAttributes', () => {
  it('adds feedback and header extensions, each id once', () => {
    const lines = buildMediaAttributes({
      mid: 'v0',
      ssrc: 1,
      payloadType: 102,
      cname: 'c',
      kind: 'video',
      codec: { name: 'h264', profileLevelId: '42c01f' },
      rtx: { ssrc: 2, payloadType: 103 },
      onRtcp() {},
    });
    expect(lines).toContain('a=ssrc-group:FID 1 2');
    expect(lines).toContain('a=rtcp-fb:102 transport-cc');
    expect(lines).toContain('a=rtcp-fb:102 ccm fir');
    const ids = lines.flatMap((line) => /^a=extmap:(\d+) /.exec(line)?.[1] ?? []);
    expect(ids.length).toBeGreaterThan(1);
    expect(new Set(ids).size).toBe(ids.length);
    // One-byte header extensions (RFC 8285 4.2).
    expect(ids.every((id) => Number(id) >= 1 && Number(id) <= 14)).toBe(true);
  });
});

it('names profile and packetisation mode', () => {
  expect(buildH264Format('42c01f')).toBe('profile-level-id=42c01f;packetization-mode=1;level-asymmetry-allowed=1');
});

describe('buildNativeIceServers', () => {
  it('passes STUN servers as they are', () => {
    expect(buildNativeIceServers([{ urls: ['stun:a.example', 'stun:b.example:3478'] }])).toEqual([
      'stun:a.example',
      'stun:b.example:3478',
    ]);
  });

  it('escapes what a credential may hold', () => {
    const servers = buildNativeIceServers([
      { urls: ['turn:t.example:3478?transport=udp'], username: '1700:ab', credential: 'a+b/c=@x' },
    ]);
    expect(servers).toEqual(['turn:1700%3Aab:a%2Bb%2Fc%3D%40x@t.example:3478?transport=udp']);
  });

  it('needs both halves of a credential', () => {
    expect(buildNativeIceServers([{ urls: ['turn:t.example'], username: 'x' }])).toEqual(['turn:t.example']);
  });
});

describe('announceCandidate', () => {
  it('leaves all as they are when there is nothing to announce', () => {
    expect(announceCandidate(host, undefined)).toEqual([host]);
  });

  it('joins the outer address and port to a host candidate', () => {
    const announced = announceCandidate(host, outside);
    expect(announced).toEqual([host, 'candidate:1 1 UDP 2114977791 198.51.100.7 61000 typ host']);
    expect(announced.every(isUsableCandidate)).toBe(true);
  });

  it('puts it in place of the host candidate when asked to', () => {
    expect(announceCandidate(host, { ...outside, only: true })).toHaveLength(1);
  });

  it('keeps a port that is not mapped', () => {
    expect(announceCandidate(host, { ...outside, ports: new Map(), only: true })[0]).toContain('198.51.100.7 46644');
  });

  it('leaves other kinds and the other address family alone', () => {
    expect(announceCandidate(reflexive, outside)).toEqual([reflexive]);
    expect(announceCandidate(host6, outside)).toEqual([host6]);
    expect(announceCandidate(host6, { ...outside, address: '2001:db8::9' })).toHaveLength(2);
    expect(announceCandidate('nonsense', outside)).toEqual(['nonsense']);
  });
});

it('announces in a whole description, and changes nothing else', () => {
  const announced = announceInSdp(libdatachannelOffer, outside).split('\r\n');
  const before = libdatachannelOffer.split('\r\n');
  expect(announced.filter((line) => !before.includes(line))).toEqual([
    'a=candidate:1 1 UDP 2114977791 198.51.100.7 61000 typ host',
  ]);
  expect(announced).toHaveLength(before.length + 1);
  expect(announceInSdp(libdatachannelOffer, undefined)).toBe(libdatachannelOffer);
});
