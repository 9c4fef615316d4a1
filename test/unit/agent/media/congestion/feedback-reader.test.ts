import { beforeEach, describe, expect, it } from 'vitest';
import { FeedbackReader } from '../../../../../agent/media/congestion/feedback-reader.ts';

const lost = Number.NaN;

describe('FeedbackReader', () => {
  let told: string[];
  let reader: FeedbackReader;

  const send = (from: number, to: number) => {
    for (let i = from; i <= to; i += 1) {
      const packet = { transportSequence: i & 0xffff, sizeBytes: 1_000, atMs: i, isProbe: false };
      reader.handleSent(packet, { probeId: 0, ownQueueMs: 0 });
    }
  };
  const read = (base: number, ...arrivals: number[]) =>
    reader.read({
      baseSequenceNumber: base & 0xffff,
      feedbackCount: 0,
      arrivalsMs: Float64Array.from(arrivals),
      receivedCount: 0,
    });

  beforeEach(() => {
    told = [];
    reader = new FeedbackReader({
      onArrived: ({ sentAtMs, arrivedAtMs }, wasMissing) =>
        told.push(`${sentAtMs} at ${arrivedAtMs}${wasMissing ? ' after all' : ''}`),
      onMissing: ({ sentAtMs }) => told.push(`${sentAtMs} missing`),
      onGap: () => told.push('gap'),
    });
  });

  it('tells the fate of each packet once, however often it is reported', () => {
    send(10, 13);
    expect(read(10, 500, lost, 510)).toBe(12);
    expect(read(10, 500, lost, 510)).toBeNull();
    expect(told).toEqual(['10 at 500', '11 missing', '12 at 510']);
  });

  it('tells when a missing packet has arrived after all', () => {
    send(10, 12);
    read(10, 500, lost, 510);
    expect(read(11, 530, 510)).toBe(11);
    expect(told.slice(3)).toEqual(['11 at 530 after all']);
  });

  it('tells of a gap between messages, and takes the late one', () => {
    send(10, 15);
    read(10, 500, 501);
    read(14, 504, 505);
    read(12, 502, 503);
    expect(told).toEqual(['10 at 500', '11 at 501', 'gap', '14 at 504', '15 at 505', '12 at 502', '13 at 503']);
  });

  it('passes over packets that were never sent or are long forgotten', () => {
    send(10, 5_000);
    expect(read(4_999, 500, 501, 502, 503)).toBe(5_000);
    expect(read(20, 100)).toBeNull();
    expect(read(40_000, 100)).toBeNull();
  });

  it('reads on over the wrap of the sequence numbers', () => {
    send(65_534, 65_538);
    read(65_534, 1, 2, 3);
    read(65_537, 4, 5);
    expect(told).toEqual(['65534 at 1', '65535 at 2', '65536 at 3', '65537 at 4', '65538 at 5']);
  });

  it('begins to match late reports of a path so slow that those of the first packets come too late', () => {
    const lag = 900;
    for (let i = 0; i < 3_000; i += 1) {
      send(i, i);
      if (i >= lag) read(i - lag, i);
    }
    expect(told.at(-1)).toBe('2099 at 2999');
  });
});
