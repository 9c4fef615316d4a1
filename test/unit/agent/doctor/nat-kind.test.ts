import { describe, expect, it } from 'vitest';
import { classifyMapping, describeNat } from '../../../../agent/doctor/nat-kind.ts';

const local = { address: '192.168.1.20', port: 50_000 };
const outside = (port: number, address = '203.0.113.7') => ({ address, port });

describe('the mapping of a NAT', () => {
  it.each([
    { kind: 'none', mapped: [local, local] },
    { kind: 'endpoint-independent', mapped: [outside(50_000), outside(50_000)] },
    { kind: 'address-dependent', mapped: [outside(50_000), outside(50_001)] },
    { kind: 'address-dependent', mapped: [outside(50_000), outside(50_000, '203.0.113.8')] },
    { kind: 'unknown', mapped: [outside(50_000)] },
  ])('is $kind', ({ kind, mapped }) => {
    expect(classifyMapping({ local, mapped })).toBe(kind);
  });
});

describe('a carrier that shares addresses', () => {
  const levels = (hasTurn: boolean) =>
    describeNat({ local: outside(50_000, '100.64.3.4'), mapped: [outside(50_000)], hasTurn }).map(
      ({ check, level }) => `${check} ${level}`,
    );

  it('is seen by the own address, and is bad without a relay', () => {
    expect(levels(false)).toEqual(['nat skipped', 'nat-carrier warning']);
    expect(levels(true)).toEqual(['nat skipped', 'nat-carrier ok']);
  });

  it('is not seen next to its range', () => {
    const findings = describeNat({ local: outside(1, '100.128.0.1'), mapped: [outside(1)], hasTurn: false });
    expect(findings).toHaveLength(1);
  });
});
