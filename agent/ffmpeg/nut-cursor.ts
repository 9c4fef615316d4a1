import { Buffer } from 'node:buffer';

/** 64 bits at 7 per byte; a longer number is junk and would keep the reader waiting for its end. */
const varintMaxBytes = 10;

/**
 * Reads the number formats of NUT off a buffer. Reading past the end yields zeros and sets {@link exhausted}, so that a
 * whole header is read straight through and checked once at its end: more bytes are to come, or it was cut short.
 */
export class NutCursor {
  offset: number;
  exhausted = false;
  /** A number was longer than the format allows: no further byte can mend it. */
  malformed = false;
  private readonly bytes: Buffer;
  private readonly end: number;

  constructor(bytes: Buffer, offset = 0, end = bytes.length) {
    this.bytes = bytes;
    this.offset = offset;
    this.end = end;
  }

  get failed(): boolean {
    return this.exhausted || this.malformed;
  }

  readByte(): number {
    if (this.offset >= this.end) {
      this.exhausted = true;
      return 0;
    }
    const byte = this.bytes[this.offset] ?? 0;
    this.offset += 1;
    return byte;
  }

  /** `v` of the specification. Above 2^53 it loses precision, which only fields that nobody uses ever do. */
  readVarint(): number {
    let value = 0;
    for (let count = 0; count < varintMaxBytes; count += 1) {
      const byte = this.readByte();
      value = value * 128 + (byte & 0x7f);
      if (byte < 0x80) return value;
    }
    this.malformed = true;
    return 0;
  }

  /** `s` of the specification: 0, 1, -1, 2, -2 … */
  readSignedVarint(): number {
    const value = this.readVarint() + 1;
    const half = Math.floor(value / 2);
    return value % 2 === 0 ? half : -half;
  }

  /** `vb` of the specification: a length and that many bytes; the result shares memory with the input. */
  readBytes(): Buffer {
    const length = this.readVarint();
    if (length > this.end - this.offset) {
      this.exhausted = true;
      return Buffer.alloc(0);
    }
    const start = this.offset;
    this.offset += length;
    return this.bytes.subarray(start, this.offset);
  }

  skip(count: number): void {
    if (count > this.end - this.offset) this.exhausted = true;
    else this.offset += count;
  }
}
