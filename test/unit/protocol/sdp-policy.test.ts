import { isIP } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isIpLiteral } from '../../../protocol/ip-literal.ts';
import { limits } from '../../../protocol/limits.ts';
import { checkSdp, isUsableCandidate } from '../../../protocol/sdp-policy.ts';
import { chromiumAnswer, libdatachannelOffer } from '../../helpers/protocol-descriptions.ts';

const candidateTo = (address: string, port: string | number = 5000) =>
  `candidate:1 1 UDP 2116026111 ${address} ${port} typ host`;

function withLine(sdp: string, line: string, after = /(?=m=application)/): string {
  return sdp.replace(after, `${line}\r\n`);
}

function candidatesOf(sdp: string): string[] {
  return sdp.split('\r\n').filter((line) => line.startsWith('a=candidate:'));
}

describe('checkSdp on real descriptions', () => {
  it('passes an offer of libdatachannel unchanged', () => {
    expect(checkSdp(libdatachannelOffer)).toEqual({ ok: true, value: libdatachannelOffer });
  });

  it('takes the .local candidate out of an answer of Chromium and leaves the rest as it is', () => {
    const checked = checkSdp(chromiumAnswer);
    expect(checked).toEqual({ ok: true, value: chromiumAnswer.replace(/a=candidate:.*\r\n/, '') });
  });
});

describe('checkSdp on fingerprints', () => {
  const other = libdatachannelOffer.match(/a=fingerprint:.*/)?.[0].replace('0F:7E', '0F:7F') ?? '';

  it('wants one', () => {
    const without = chromiumAnswer.replace(/a=fingerprint:.*\r\n/g, '');
    expect(checkSdp(without)).toEqual({ ok: false, error: 'no-fingerprint' });
  });

  it('refuses a media line with a fingerprint of its own, wherever it stands', () => {
    expect(checkSdp(withLine(libdatachannelOffer, other))).toEqual({ ok: false, error: 'mixed-fingerprints' });
    expect(checkSdp(withLine(libdatachannelOffer, other, /$/))).toEqual({ ok: false, error: 'mixed-fingerprints' });
  });

  it('sees a fingerprint behind any kind of line end', () => {
    for (const lineEnd of ['\n', '\r', '\r\n', '\n\r']) {
      const hidden = libdatachannelOffer.replace('a=sendonly', `a=sendonly${lineEnd}${other}`);
      expect(checkSdp(hidden)).toEqual({ ok: false, error: 'mixed-fingerprints' });
    }
  });

  it('refuses weak hashes and values that are not a fingerprint', () => {
    const put = (fingerprint: string) =>
      libdatachannelOffer.replace(/a=fingerprint:.*/, `a=fingerprint:${fingerprint}`);
    const bytes = (count: number) => Array(count).fill('AB').join(':');
    for (const weak of [
      '',
      'sha-256',
      `sha-1 ${bytes(20)}`,
      `md5 ${bytes(16)}`,
      `sha-256 ${bytes(31)}`,
      `sha-256 ${bytes(33)}`,
    ]) {
      expect(checkSdp(put(weak))).toEqual({ ok: false, error: 'weak-fingerprint' });
    }
    expect(checkSdp(put(`sha-256 ${bytes(32)}`)).ok).toBe(true);
    expect(checkSdp(withLine(put(`sha-256 ${bytes(32)}`), `a=fingerprint:sha-256 ${bytes(32).toLowerCase()}`)).ok).toBe(
      true,
    );
  });
});

describe('checkSdp on data channels', () => {
  const put = (bytes: string) => chromiumAnswer.replace(/a=max-message-size:.*/, `a=max-message-size:${bytes}`);

  it('refuses a bound that the answers to commands are longer than', () => {
    for (const bytes of ['100', '65535', '1', 'x', '-1', ' 9'])
      expect(checkSdp(put(bytes))).toEqual({ ok: false, error: 'messages-too-short' });
  });

  it('takes a larger one, none at all, and 0, which means any length', () => {
    for (const bytes of ['65536', '1073741823', '0']) expect(checkSdp(put(bytes)).ok).toBe(true);
    expect(checkSdp(chromiumAnswer.replace(/a=max-message-size:.*\r\n/, '')).ok).toBe(true);
  });
});

describe('checkSdp on candidates', () => {
  it('takes out those that are not for UDP or not IP literals', () => {
    const unusable = ['camera.example', 'a.local', 'dead:beef', '1.2.3', '0x7f.1', 'fe80::1%eth0'].map((address) =>
      candidateTo(address),
    );
    const tcp = 'candidate:1 1 TCP 2105524479 192.0.2.7 80 typ host tcptype passive';
    const sdp = [...unusable, tcp].reduce((text, candidate) => withLine(text, `a=${candidate}`), libdatachannelOffer);
    expect(checkSdp(sdp)).toEqual({ ok: true, value: libdatachannelOffer });
  });

  it('takes as many as the limit says, not counting those that it takes out', () => {
    const add = (sdp: string, count: number) =>
      Array.from({ length: count }).reduce<string>((text) => withLine(text, `a=${candidateTo('192.0.2.9')}`), sdp);
    const full = add(chromiumAnswer, limits.candidatesMaxCount);
    const checked = checkSdp(full);
    expect(checked.ok && candidatesOf(checked.value)).toHaveLength(limits.candidatesMaxCount);
    expect(checkSdp(add(full, 1))).toEqual({ ok: false, error: 'too-many-candidates' });
  });

  it('refuses a description over the limit', () => {
    const long = libdatachannelOffer + 'x'.repeat(limits.sdpMaxBytes);
    expect(checkSdp(long)).toEqual({ ok: false, error: 'too-large' });
  });

  it('never lets through a candidate that it would refuse alone, and never throws', () => {
    const line = fc.oneof(
      fc.constantFrom('a=candidate:', 'm=video 9 X 1', ...libdatachannelOffer.split('\r\n')),
      fc.tuple(fc.ipV6(), fc.nat(70_000)).map(([address, port]) => `a=${candidateTo(address, port)}`),
      fc.domain().map((address) => `a=${candidateTo(address)}`),
      fc.string(),
    );
    const description = fc
      .tuple(fc.array(line), fc.constantFrom('\r\n', '\n', '\r'))
      .map(([lines, end]) => lines.join(end));
    fc.assert(
      fc.property(description, (sdp) => {
        const checked = checkSdp(`${libdatachannelOffer}${sdp}`);
        if (!checked.ok) return;
        expect(checked.value).not.toMatch(/\r(?!\n)|(?<!\r)\n/);
        for (const candidate of candidatesOf(checked.value)) expect(isUsableCandidate(candidate.slice(2))).toBe(true);
      }),
      { numRuns: 200 },
    );
  });
});

describe('isUsableCandidate', () => {
  it.each([
    'candidate:2 1 UDP 2116026111 fd00::2 46644 typ host',
    'candidate:842163049 1 udp 1677729535 203.0.113.4 46154 typ srflx raddr 0.0.0.0 rport 0 generation 0 ufrag w4tC network-cost 999',
    'candidate:0 1 UDP 2122252543 192.0.2.4 50002 typ host',
    'candidate:3 1 udp 41885439 198.51.100.1 61234 typ relay raddr 203.0.113.4 rport 46154 generation 0',
    'candidate:4 1 UDP 1 ::ffff:192.0.2.1 65535 typ prflx',
  ])('takes %s', (candidate) => {
    expect(isUsableCandidate(candidate)).toBe(true);
  });

  it.each([
    ['nothing', ''],
    ['the attribute instead of the value', `a=${candidateTo('192.0.2.1')}`],
    ['a host name', candidateTo('camera.example')],
    ['a multicast DNS name', candidateTo('734f8dc7-0826-4ad1-997f-58183e09a0e0.local')],
    ['an address that the resolver would be asked about', candidateTo('dead:beef')],
    ['port 0', candidateTo('192.0.2.1', 0)],
    ['port 65536', candidateTo('192.0.2.1', 65_536)],
    ['a port that is a service name', candidateTo('192.0.2.1', 'http')],
    ['a port in another notation', candidateTo('192.0.2.1', '1e3')],
    ['a TCP candidate', 'candidate:1 1 TCP 2105524479 192.0.2.7 9 typ host tcptype active'],
    ['a second line', `${candidateTo('192.0.2.1')}\r\na=fingerprint:sha-256 00`],
    ['a line break for a space', candidateTo('192.0.2.1').replace(' ', '\n')],
    ['a NUL', `${candidateTo('192.0.2.1')} \0`],
    ['no type', candidateTo('192.0.2.1').replace(' typ host', '')],
    ['something over the limit', `${candidateTo('192.0.2.1')} ${'x'.repeat(limits.candidateMaxBytes)}`],
  ])('refuses %s', (_, candidate) => {
    expect(isUsableCandidate(candidate)).toBe(false);
  });
});

describe('isIpLiteral', () => {
  it('agrees with the platform on addresses and on what is nearly one', () => {
    const nearly = fc
      .tuple(
        fc.oneof(fc.ipV6(), fc.ipV4()),
        fc.nat(40),
        fc.constantFrom('', ':', '::', '.', '0', 'f', 'g', '1.2.3.4', ' '),
      )
      .map(([address, at, part]) => address.slice(0, at) + part + address.slice(at + 1));
    const text = fc.oneof(fc.ipV4(), fc.ipV4Extended(), fc.ipV6(), nearly, fc.string());
    fc.assert(
      fc.property(text, (address) => {
        expect(isIpLiteral(address)).toBe(isIP(address) !== 0);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each(['::', '::1', '1::', '1:2:3:4:5:6:7::', '::ffff:1.2.3.4', '1:2:3:4:5:6:1.2.3.4'])('takes %s', (address) => {
    expect(isIpLiteral(address)).toBe(true);
    expect(isIP(address)).toBe(6);
  });

  it.each([
    ':',
    ':::',
    '1:::2',
    '::1::',
    '1:2:3:4:5:6:7:8:9',
    '1:2:3:4:5:6:7',
    '12345::',
    '1.2.3.4::',
    '::1.2.3',
    'fe80::1%eth0',
    '01.2.3.4',
    '1:2:3:4:5:6:7:1.2.3.4',
  ])('refuses %s', (address) => {
    expect(isIpLiteral(address)).toBe(false);
  });
});
