import { expect, test } from 'vitest';
import { PacketRate } from '../../../broker/packet-rate.ts';

test('a client passes at its rate, is dropped above it, and has to go far above it', () => {
  let nowMs = 0;
  const rate = new PacketRate(10, () => nowMs);
  const admitMany = (count: number) => Array.from({ length: count }, () => rate.admit());

  expect(new Set(admitMany(50))).toEqual(new Set(['pass']));
  expect(new Set(admitMany(200))).toEqual(new Set(['drop']));
  expect(rate.admit()).toBe('flood');
  nowMs = 1_000;
  expect(new Set(admitMany(10))).toEqual(new Set(['pass']));
  expect(rate.admit()).toBe('drop');
});

test('a client that keeps to its rate is never dropped', () => {
  let nowMs = 0;
  const rate = new PacketRate(20, () => nowMs);
  for (let packet = 0; packet < 10_000; packet += 1) {
    nowMs += 50;
    expect(rate.admit()).toBe('pass');
  }
});
