import { describe, expect, it } from 'vitest';
import { PacketOrder } from '../../../../agent/audio/packet-order.ts';

/** What comes out for these sequence numbers, with `+n` before a packet that follows n lost ones. */
function order(...numbers: number[]): string[] {
  const packets = new PacketOrder();
  return numbers.map((sequenceNumber) =>
    packets
      .push({ sequenceNumber })
      .map(({ packet, lostCount }) => `${lostCount > 0 ? `+${lostCount} ` : ''}${packet.sequenceNumber}`)
      .join(' '),
  );
}

describe('PacketOrder', () => {
  it('passes on at once what is in order, over the end of the numbers too', () => {
    expect(order(65_534, 65_535, 0, 1)).toEqual(['65534', '65535', '0', '1']);
  });

  it('waits for a packet that was overtaken', () => {
    expect(order(1, 3, 2, 4)).toEqual(['1', '', '2 3', '4']);
    expect(order(65_535, 1, 2, 0)).toEqual(['65535', '', '', '0 1 2']);
  });

  it('gives a packet up when three after it are there', () => {
    expect(order(1, 3, 4, 5, 6)).toEqual(['1', '', '', '+1 3 4 5', '6']);
    expect(order(1, 5, 6, 8)).toEqual(['1', '', '', '+3 5 6']);
  });

  it('ignores what is late or was there before', () => {
    expect(order(5, 5, 4, 6, 6)).toEqual(['5', '', '', '6', '']);
    expect(order(1, 3, 3, 3, 2)).toEqual(['1', '', '', '', '2 3']);
  });

  it('begins anew after a leap', () => {
    expect(order(1, 2, 500, 501)).toEqual(['1', '2', '500', '501']);
    expect(order(500, 502, 1, 2)).toEqual(['500', '', '1', '2']);
  });
});
