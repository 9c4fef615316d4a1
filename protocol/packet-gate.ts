/** What happens to one packet, decided when its fixed header is complete. */
export type PacketVerdict = 'pass' | 'drop' | 'flood';

export type GateRefusal = 'oversize' | 'malformed' | 'flood';

export interface GateOutcome {
  /** Bytes for the parser, in order. */
  passed: Uint8Array[];
  /** Messages that were left out. */
  droppedCount: number;
  /** Set when the connection must end now; nothing may be pushed afterwards. */
  refusal: GateRefusal | null;
}

/** One byte of type and flags, then at most four of the remaining length (MQTT 3.1.1 section 2.2.3). */
const headerMaxBytes = 5;

/**
 * Follows the packet borders in a stream of MQTT bytes, in front of the parser, which would buffer whatever a client
 * announces. It knows the fixed header and nothing else: a packet over the size ends the connection before its first byte is
 * kept, and a PUBLISH over the rate is left out without an acknowledgement.
 */
export class PacketGate {
  private readonly packetMaxBytes: number;
  private readonly admit: () => PacketVerdict;
  private readonly header = new Uint8Array(headerMaxBytes);
  private headerBytes = 0;
  private bodyBytesLeft = 0;
  private isDropping = false;

  /**
   * @param packetMaxBytes the largest remaining length
   * @param admit asked once per packet; a `drop` is obeyed for PUBLISH only, since any other packet is owed an answer
   */
  constructor(options: { packetMaxBytes: number; admit: () => PacketVerdict }) {
    this.packetMaxBytes = options.packetMaxBytes;
    this.admit = options.admit;
  }

  /** Takes the next bytes, cut anywhere. */
  push(chunk: Uint8Array): GateOutcome {
    const outcome: GateOutcome = { passed: [], droppedCount: 0, refusal: null };
    let at = 0;
    while (at < chunk.length && outcome.refusal === null) {
      const end = this.bodyBytesLeft > 0 ? Math.min(chunk.length, at + this.bodyBytesLeft) : at + 1;
      const part = chunk.subarray(at, end);
      if (this.bodyBytesLeft > 0) this.pushBody(part, outcome);
      else this.pushHeaderByte(part, outcome);
      at = end;
    }
    return outcome;
  }

  private pushBody(part: Uint8Array, outcome: GateOutcome): void {
    this.bodyBytesLeft -= part.length;
    if (!this.isDropping) outcome.passed.push(part);
  }

  private pushHeaderByte(byte: Uint8Array, outcome: GateOutcome): void {
    this.header.set(byte, this.headerBytes);
    this.headerBytes += 1;
    if (this.headerBytes === 1) return;
    // The top bit says that another length byte follows.
    const isLast = (this.header[this.headerBytes - 1] ?? 0) < 0x80;
    if (isLast) this.beginPacket(this.header.slice(0, this.headerBytes), outcome);
    else if (this.headerBytes === headerMaxBytes) outcome.refusal = 'malformed';
  }

  private beginPacket(header: Uint8Array, outcome: GateOutcome): void {
    this.headerBytes = 0;
    const remainingLength = decodeRemainingLength(header);
    const verdict = remainingLength > this.packetMaxBytes ? 'oversize' : this.admit();
    if (verdict === 'oversize' || verdict === 'flood') {
      outcome.refusal = verdict;
      return;
    }
    this.isDropping = verdict === 'drop' && isPublish(header);
    this.bodyBytesLeft = remainingLength;
    if (this.isDropping) outcome.droppedCount += 1;
    else outcome.passed.push(header);
  }
}

/** Seven bits a byte, least significant first. */
function decodeRemainingLength(header: Uint8Array): number {
  return header.subarray(1).reduceRight((length, byte) => length * 128 + (byte & 0x7f), 0);
}

/** The packet type is in the upper four bits; PUBLISH is 3 (MQTT 3.1.1 section 2.2.1). */
function isPublish(header: Uint8Array): boolean {
  return (header[0] ?? 0) >> 4 === 3;
}
