import { describe, expect, it } from 'vitest';
import { TransportHistory } from '../../../../../agent/media/congestion/transport-history.ts';

const notes = { probeId: 0, ownQueueMs: 0 };
const packet = (index: number, atMs = index) => ({
  transportSequence: index & 0xffff,
  sizeBytes: 100,
  atMs,
  isProbe: false,
});

/** Sends packets one after another, and lets the receiver report each once `lag` more have been sent. */
function send(history: TransportHistory, range: { from: number; to: number; lag: number; msPerPacket?: number }) {
  const { from, to, lag, msPerPacket = 1 } = range;
  history.expectReports();
  for (let i = from; i < to; i += 1) {
    history.add(packet(i, i * msPerPacket), notes);
    if (i - lag >= from) report(history, i - lag);
  }
}

function report(history: TransportHistory, index: number) {
  const slot = history.slotOf(index & 0xffff);
  if (slot >= 0) history.setFate(slot, 'arrived');
}

const knownOf = (history: TransportHistory, from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => from + i).filter((index) => history.slotOf(index & 0xffff) >= 0);

it('finds what it was told of a packet', () => {
  const history = new TransportHistory();
  history.add({ ...packet(7, 12.5), sizeBytes: 1_200 }, { probeId: 3, ownQueueMs: 1.5 });
  const slot = history.slotOf(7);
  expect(history.sentAtMs(slot)).toBe(12.5);
  expect(history.sizeBytes(slot)).toBe(1_200);
  expect(history.probeId(slot)).toBe(3);
  expect(history.ownQueueMs(slot)).toBe(1.5);
  expect(history.fate(slot)).toBe('unknown');
  history.setFate(slot, 'missing');
  expect(history.fate(slot)).toBe('missing');
});

it('begins with a clean fate where an older packet was missing', () => {
  const history = new TransportHistory();
  history.add(packet(5, 1), notes);
  history.setFate(history.slotOf(5), 'missing');
  history.add(packet(5 + 4_096, 2), notes);
  expect(history.fate(history.slotOf(5 + 4_096))).toBe('unknown');
});

describe('how far it looks back', () => {
  it('is 512 packets while reports are quick, across the wrap of the sequence numbers', () => {
    const history = new TransportHistory();
    send(history, { from: 63_000, to: 66_000, lag: 100 });
    expect(knownOf(history, 63_000, 66_010)).toEqual(knownOf(history, 65_488, 66_000));
    expect(knownOf(history, 65_488, 66_000)).toHaveLength(512);
    expect(history.sentAtMs(history.slotOf(65_536 & 0xffff))).toBe(65_536);
  });

  it('grows with packets whose report is still to come, and keeps what is known of them', () => {
    const history = new TransportHistory();
    send(history, { from: 65_000, to: 68_000, lag: 900 });
    expect(knownOf(history, 65_000, 68_000)).toEqual(knownOf(history, 66_976, 68_000));
    expect(history.sentAtMs(history.slotOf(66_976 & 0xffff))).toBe(66_976);
    expect(history.fate(history.slotOf(66_976 & 0xffff))).toBe('arrived');
    expect(history.fate(history.slotOf(67_999 & 0xffff))).toBe('unknown');
  });

  it('ends at 4096 packets', () => {
    const history = new TransportHistory();
    send(history, { from: 0, to: 10_000, lag: 20_000, msPerPacket: 0.1 });
    expect(knownOf(history, 0, 10_000)).toEqual(knownOf(history, 5_904, 10_000));
    expect(knownOf(history, 5_904, 10_000)).toHaveLength(4_096);
  });

  it('does not grow for packets that are no longer worth a report', () => {
    const history = new TransportHistory();
    send(history, { from: 0, to: 3_000, lag: 20_000, msPerPacket: 10 });
    expect(knownOf(history, 0, 3_000)).toHaveLength(512);
  });

  it('does not grow for a receiver that never reports', () => {
    const history = new TransportHistory();
    for (let i = 0; i < 3_000; i += 1) history.add(packet(i), notes);
    expect(knownOf(history, 0, 3_000)).toHaveLength(512);
  });
});
