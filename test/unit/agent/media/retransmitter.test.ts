import { Buffer } from 'node:buffer';
import { beforeEach, describe, expect, it } from 'vitest';
import { PacketHistory } from '../../../../agent/media/packet-history.ts';
import { Retransmitter } from '../../../../agent/media/retransmitter.ts';
import type { RtpWriter } from '../../../../agent/media/rtp-writer.ts';

const firstSequenceNumber = 0xfff0;
const packetCount = 40;
const asked = { nowMs: 1_000, pauseMs: 100 };

let resent: number[];
let retransmitter: Retransmitter;

const sequenceNumberOf = (index: number) => (firstSequenceNumber + index) & 0xffff;

function resendAll(nowMs: number): number[] {
  resent = [];
  while (retransmitter.resendNext(nowMs));
  return resent;
}

beforeEach(() => {
  const sendAgain = (_packet: Buffer, sequenceNumber: number) => resent.push(sequenceNumber) > 0;
  retransmitter = new Retransmitter({ sendAgain } as unknown as RtpWriter, null);
  const history = new PacketHistory();
  history.add(Array.from({ length: packetCount }, () => Buffer.alloc(1)));
  for (let i = 0; i < packetCount; i += 1) retransmitter.remember(sequenceNumberOf(i), history, i, 90_000);
});

describe('Retransmitter', () => {
  it('sends what is asked for once, across the wrap of the sequence numbers', () => {
    const wanted = [14, 15, 16, 17].map(sequenceNumberOf);
    retransmitter.request([...wanted, ...wanted], asked);
    expect(resendAll(1_000)).toEqual([0xfffe, 0xffff, 0, 1]);
  });

  it('does not send again what may still be under way, and does when it has had the time', () => {
    retransmitter.request([sequenceNumberOf(3)], asked);
    expect(resendAll(1_000)).toHaveLength(1);
    retransmitter.request([sequenceNumberOf(3)], { nowMs: 1_099, pauseMs: 100 });
    expect(resendAll(1_099)).toEqual([]);
    retransmitter.request([sequenceNumberOf(3)], { nowMs: 1_100, pauseMs: 100 });
    expect(resendAll(1_100)).toEqual([sequenceNumberOf(3)]);
  });

  it('looks for no more than 512 packets of one request, however many a viewer makes up', () => {
    const invented = Array.from({ length: 6_000 }, (_, i) => 1_000 + i);
    retransmitter.request([...invented, sequenceNumberOf(0)], asked);
    expect(retransmitter.packetsUnknown).toBe(512);
    expect(resendAll(1_000)).toEqual([]);
  });

  it('sends nothing again of what it was told to forget, and what came after it as before', () => {
    retransmitter.request([sequenceNumberOf(3)], asked);
    retransmitter.forget();
    retransmitter.request([sequenceNumberOf(4)], asked);
    expect(resendAll(1_000)).toEqual([]);
    const history = new PacketHistory();
    history.add([Buffer.alloc(1)]);
    retransmitter.remember(sequenceNumberOf(packetCount), history, 0, 93_000);
    retransmitter.request([sequenceNumberOf(4), sequenceNumberOf(packetCount)], asked);
    expect(resendAll(1_000)).toEqual([sequenceNumberOf(packetCount)]);
  });
});
