import { expect, it } from 'vitest';
import { TransportHistory } from '../../../../../agent/media/congestion/transport-history.ts';

const notes = { probeId: 0, ownQueueMs: 0 };

it('finds what it was told of a packet', () => {
  const history = new TransportHistory();
  history.add({ transportSequence: 7, sizeBytes: 1_200, atMs: 12.5 }, { probeId: 3, ownQueueMs: 1.5 });
  const slot = history.slotOf(7);
  expect(history.sentAtMs(slot)).toBe(12.5);
  expect(history.sizeBytes(slot)).toBe(1_200);
  expect(history.probeId(slot)).toBe(3);
  expect(history.ownQueueMs(slot)).toBe(1.5);
  expect(history.fate(slot)).toBe('unknown');
  history.setFate(slot, 'missing');
  expect(history.fate(slot)).toBe('missing');
});

it('knows the last 4096 packets, across the wrap of the sequence numbers', () => {
  const history = new TransportHistory();
  for (let i = 63_000; i < 68_000; i += 1) {
    history.add({ transportSequence: i & 0xffff, sizeBytes: 100, atMs: i }, notes);
  }
  const known = (index: number) => history.slotOf(index & 0xffff) >= 0;
  expect([62_999, 63_000, 63_903].some(known)).toBe(false);
  expect([63_904, 65_535, 65_536, 67_999].every(known)).toBe(true);
  expect(history.sentAtMs(history.slotOf(65_536 & 0xffff))).toBe(65_536);
  expect(known(68_000)).toBe(false);
});

it('begins with a clean fate where an older packet was missing', () => {
  const history = new TransportHistory();
  history.add({ transportSequence: 5, sizeBytes: 100, atMs: 1 }, notes);
  history.setFate(history.slotOf(5), 'missing');
  history.add({ transportSequence: 5 + 4_096, sizeBytes: 100, atMs: 2 }, notes);
  expect(history.fate(history.slotOf(5 + 4_096))).toBe('unknown');
});
