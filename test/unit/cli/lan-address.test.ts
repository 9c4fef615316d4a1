import { networkInterfaces } from 'node:os';
import { describe, expect, it } from 'vitest';
import { chooseLanAddress, findLanAddress, parseHost } from '../../../cli/lan-address.ts';

function interfaceWith(address: string, isInternal = false) {
  const cidr = `${address}/24`;
  return [{ address, cidr, netmask: '255.255.255.0', mac: '', internal: isInternal, family: 'IPv4' as const }];
}

describe('the address in the link of --lan', () => {
  const docker = { lo: interfaceWith('127.0.0.1', true), docker0: interfaceWith('172.17.0.1') };

  it('is that of the default route', () => {
    expect(chooseLanAddress('192.168.1.7', docker)).toBe('192.168.1.7');
  });

  it('is never that of a bridge for containers', () => {
    expect(chooseLanAddress(null, { ...docker, eth0: interfaceWith('10.0.0.2') })).toBe('10.0.0.2');
    expect(chooseLanAddress(null, docker)).toBe('127.0.0.1');
  });

  it('is one that this machine has', async () => {
    const own = Object.values(networkInterfaces()).flatMap((entries) => entries?.map(({ address }) => address) ?? []);
    expect([...own, '127.0.0.1']).toContain(await findLanAddress());
  });

  it.each([
    ['192.168.1.7', '192.168.1.7'],
    ['pi.local', 'pi.local'],
    ['fd00::7', '[fd00::7]'],
  ])('may be given: %s', (host, written) => {
    expect(parseHost(host)).toBe(written);
  });

  it.each(['', 'http://pi', 'pi:8080', '300.1.1.1', 'a b', '.local'])('may not be %j', (host) => {
    expect(() => parseHost(host)).toThrow('--host takes');
  });
});
