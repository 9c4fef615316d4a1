/**
 * The transport-wide sequence numbers of one peer connection. All senders of a connection draw from one object,
 * because the receiver's feedback covers the whole transport (draft-holmer-rmcat-transport-wide-cc-extensions-01,
 * section 2).
 */
export class TransportSequence {
  private nextNumber = 0;

  /** The number for the next packet, 16 bits. */
  get next(): number {
    return this.nextNumber;
  }

  /** The packet was sent. One that was not leaves no gap, which would look like loss. */
  advance(): void {
    this.nextNumber = (this.nextNumber + 1) & 0xffff;
  }
}
