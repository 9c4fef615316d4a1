/** What the order is made of. */
interface Numbered {
  /** 16 bits, one more for each packet. */
  sequenceNumber: number;
}

export interface OrderedPacket<Packet> {
  packet: Packet;
  /** How many packets before it are given up as lost. */
  lostCount: number;
}

/** A packet is given up when this many after it are there: 60 ms of a browser's sound. */
const windowPackets = 3;
/** A leap beyond this is a new beginning, not a loss. */
const leapPackets = 100;

/**
 * Puts the packets of one talker in the order in which they were sent. Those that come late wait for nobody: a gap holds the packets after it
 * back for three packets at most. There is no timer, because the packets themselves are the clock.
 */
export class PacketOrder<Packet extends Numbered> {
  private nextNumber: number | null = null;
  private lostCount = 0;
  private readonly waiting = new Map<number, Packet>();

  /** @returns the packets that can be played now, in order; nothing for one that is late or was there before */
  push(packet: Packet): OrderedPacket<Packet>[] {
    const distance = this.nextNumber === null ? 0 : signed16(packet.sequenceNumber - this.nextNumber);
    if (this.nextNumber === null || Math.abs(distance) > leapPackets) this.beginAt(packet.sequenceNumber);
    else if (distance < 0) return [];
    this.waiting.set(packet.sequenceNumber, packet);
    const ready = this.takeReady();
    while (this.waiting.size >= windowPackets) {
      this.skipGap();
      ready.push(...this.takeReady());
    }
    return ready;
  }

  private beginAt(sequenceNumber: number): void {
    this.nextNumber = sequenceNumber;
    this.lostCount = 0;
    this.waiting.clear();
  }

  private takeReady(): OrderedPacket<Packet>[] {
    const ready: OrderedPacket<Packet>[] = [];
    for (let packet = this.takeNext(); packet !== undefined; packet = this.takeNext()) {
      ready.push({ packet, lostCount: this.lostCount });
      this.lostCount = 0;
      this.advance();
    }
    return ready;
  }

  private takeNext(): Packet | undefined {
    const packet = this.waiting.get(this.nextNumber ?? 0);
    if (packet !== undefined) this.waiting.delete(packet.sequenceNumber);
    return packet;
  }

  private skipGap(): void {
    while (!this.waiting.has(this.nextNumber ?? 0)) {
      this.lostCount += 1;
      this.advance();
    }
  }

  private advance(): void {
    this.nextNumber = ((this.nextNumber ?? 0) + 1) & 0xffff;
  }
}

/** The distance between two 16-bit numbers, -32768 to 32767. */
function signed16(difference: number): number {
  return (difference << 16) >> 16;
}
