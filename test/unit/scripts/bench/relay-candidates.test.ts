import { describe, expect, it } from 'vitest';
import { announceRelay, hasPortWithin, keepCandidates } from '../../../../scripts/bench/relay-candidates.ts';

const sdp = [
  'v=0',
  'a=candidate:1 1 UDP 2116026111 fd00::2 5000 typ host',
  'a=candidate:2 1 UDP 2114977791 192.0.2.7 5001 typ host',
  'a=candidate:3 1 UDP 1678769919 203.0.113.9 40000 typ srflx raddr 0.0.0.0 rport 0',
  'a=end-of-candidates',
  '',
].join('\r\n');

describe('candidates behind a relay', () => {
  it('lead to the relay, port by port, and to nothing else', () => {
    const announced = announceRelay(sdp, { devicePorts: [5000, 5001], address: '192.0.2.1', firstPort: 7000 });
    expect(announced.split('\r\n')).toEqual([
      'v=0',
      'a=candidate:1 1 UDP 2116026111 192.0.2.1 7000 typ host',
      'a=candidate:2 1 UDP 2114977791 192.0.2.1 7001 typ host',
      'a=end-of-candidates',
      '',
    ]);
  });

  it('are kept by their port, which is not the one they were reflected from', () => {
    expect(keepCandidates(sdp, [5001, 5001]).match(/a=candidate:(\d)/g)).toEqual(['a=candidate:2']);
    expect(hasPortWithin('candidate:9 1 udp 1 10.0.0.1 40000 typ srflx raddr 10.0.0.2 rport 5001', [5001, 5001])).toBe(
      false,
    );
  });
});
