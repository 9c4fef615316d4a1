/**
 * The transport-wide sequence numbers of one peer connection. All senders of a connection draw from one object,
 * because the receiver's feedback covers the whole transport (draft-holmer-rmcat-transport-wide-cc-extensions-01,
 * section 2).
 */
export class TransportSequence {
  private nextNumber = 0;

  /** The number for the next packet, 16 bits. */
  next(): number {
    const number = this.nextNumber;
    this.nextNumber = (number + 1) & 0xffff;
    return number;
  }
}
