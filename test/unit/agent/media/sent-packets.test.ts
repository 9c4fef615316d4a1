import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PacketHistory } from '../../../../agent/media/packet-history.ts';
import { SentPackets } from '../../../../agent/media/sent-packets.ts';

/** One viewer, and what it was really sent under which number. */
class Viewer {
  readonly sent = new SentPackets();
  readonly truth = new Map<number, { packet: Buffer; timestamp: number }>();
  private sequenceNumber: number;
  private timestamp = 4_294_967_000;

  constructor(firstSequenceNumber = 0) {
    this.sequenceNumber = firstSequenceNumber;
  }

  /** @param sentCount of the picture's packets, before it was given up */
  send(history: PacketHistory, packetCount: number, sentCount = packetCount): void {
    const packets = Array.from({ length: packetCount }, () => Buffer.alloc(1));
    const firstIndex = history.add(packets);
    this.timestamp = (this.timestamp + 3_000) >>> 0;
    for (const [i, packet] of packets.slice(0, sentCount).entries()) {
      this.sent.remember(this.sequenceNumber, history, firstIndex + i, this.timestamp);
      this.truth.set(this.sequenceNumber, { packet, timestamp: this.timestamp });
      this.sequenceNumber = (this.sequenceNumber + 1) & 0xffff;
    }
  }
}

it('finds every packet again, whatever pictures were given up and whichever rendition they came from', () => {
  const picture = fc.record({
    rendition: fc.nat(2),
    packetCount: fc.integer({ min: 1, max: 7 }),
    sentShare: fc.nat(10),
  });
  fc.assert(
    fc.property(fc.array(picture, { maxLength: 200 }), fc.nat(0xffff), (pictures, firstSequenceNumber) => {
      const histories = [new PacketHistory(), new PacketHistory(), new PacketHistory()];
      const viewer = new Viewer(firstSequenceNumber);
      for (const { rendition, packetCount, sentShare } of pictures) {
        const history = histories[rendition] ?? new PacketHistory();
        viewer.send(history, packetCount, Math.min(packetCount, sentShare));
      }
      for (const [sequenceNumber, { packet, timestamp }] of viewer.truth) {
        const found = viewer.sent.find(sequenceNumber);
        expect(found?.packet).toBe(packet);
        expect(found?.timestamp).toBe(timestamp);
      }
      expect(viewer.sent.find((firstSequenceNumber - 1) & 0xffff)).toBeNull();
      expect(viewer.sent.find((firstSequenceNumber + viewer.truth.size) & 0xffff)).toBeNull();
    }),
    { numRuns: 50 },
  );
});

it('forgets the picture before the last 256', () => {
  const viewer = new Viewer();
  const history = new PacketHistory();
  for (let i = 0; i < 257; i += 1) viewer.send(history, 2);
  expect(viewer.sent.find(1)).toBeNull();
  expect(viewer.sent.find(2)?.packet).toBe(viewer.truth.get(2)?.packet);
});

it('knows nothing of a packet that the history of its rendition has overwritten', () => {
  const viewer = new Viewer();
  const history = new PacketHistory();
  viewer.send(history, 3);
  history.add(Array.from({ length: 2_048 - 2 }, () => Buffer.alloc(1)));
  expect(viewer.sent.find(0)).toBeNull();
  expect(viewer.sent.find(2)).not.toBeNull();
});
