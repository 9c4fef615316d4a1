import { BlockList } from 'node:net';
import { type Finding, ok, skipped, warning } from './finding.ts';
import type { StunAddress } from './stun-message.ts';

/** What one UDP socket learnt of itself. */
export interface NatObservation {
  /** Its own address and port. */
  local: StunAddress;
  /** How each server sees it, at least one. */
  mapped: readonly StunAddress[];
  hasTurn: boolean;
}

/** `address-dependent` stands for both kinds of RFC 4787 section 4.1 that are called symmetric. */
export type NatMapping = 'none' | 'endpoint-independent' | 'address-dependent' | 'unknown';

/** Shared by carriers among their customers (RFC 6598). */
const carrierNetwork = new BlockList();
carrierNetwork.addSubnet('100.64.0.0', 10, 'ipv4');

/** The kind of mapping by the test of RFC 5780 section 4.3, with two servers in place of two addresses of one. */
export function classifyMapping({ local, mapped }: Pick<NatObservation, 'local' | 'mapped'>): NatMapping {
  if (mapped.every((seen) => isSame(seen, local))) return 'none';
  const [first, ...others] = mapped;
  if (first === undefined || others.length === 0) return 'unknown';
  return others.every((seen) => isSame(seen, first)) ? 'endpoint-independent' : 'address-dependent';
}

/** What the mapping means for viewers elsewhere. Public addresses are left out: the text ends up in bug reports. */
export function describeNat(observation: NatObservation): Finding[] {
  const mapping = classifyMapping(observation);
  const details = { mapping, serverCount: observation.mapped.length };
  return [describeMapping(mapping, observation.hasTurn, details), ...describeCarrier(observation)];
}

function describeMapping(mapping: NatMapping, hasTurn: boolean, details: Record<string, unknown>): Finding {
  switch (mapping) {
    case 'none':
      return ok('nat', 'This device has an address of its own on the Internet, without NAT.', details);
    case 'endpoint-independent':
      return ok('nat', 'The NAT of this network keeps one port for all: most viewers reach it directly.', details);
    case 'unknown':
      return skipped('nat', 'The kind of NAT shows only when two STUN servers answer.');
    case 'address-dependent':
      return hasTurn
        ? ok('nat', 'The NAT of this network is symmetric: some viewers need the TURN relay.', details)
        : warning(
            'nat',
            'The NAT of this network is symmetric: viewers behind another such NAT will not reach it.',
            'Set up a TURN relay (ice.turn), or forward a port and name it in ice.announce.',
            details,
          );
  }
}

function describeCarrier({ local, mapped, hasTurn }: NatObservation): Finding[] {
  const isBehindCarrier = [local, ...mapped].some(({ address }) => carrierNetwork.check(address));
  if (!isBehindCarrier) return [];
  const message = 'The provider shares one address among its customers (carrier-grade NAT).';
  if (hasTurn) return [ok('nat-carrier', message)];
  return [warning('nat-carrier', message, 'No port can be forwarded here: set up a TURN relay (ice.turn).')];
}

function isSame(a: StunAddress, b: StunAddress): boolean {
  return a.address === b.address && a.port === b.port;
}
