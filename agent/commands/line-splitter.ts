const newline = 0x0a;

/** Cuts a byte stream into lines, however it arrives, without ever holding more than one line. */
export class LineSplitter {
  private readonly maxBytes: number;
  private parts: Buffer[] = [];
  private heldBytes = 0;

  /** @param maxBytes length of a line above which the stream is given up */
  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  /** @returns the lines that are complete now, or null once one is too long: the stream is then of no further use */
  push(chunk: Buffer): Buffer[] | null {
    const lines: Buffer[] = [];
    let start = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      if (!this.hold(chunk.subarray(start, end))) return null;
      lines.push(Buffer.concat(this.parts));
      this.parts = [];
      this.heldBytes = 0;
      start = end + 1;
    }
    return this.hold(chunk.subarray(start)) ? lines : null;
  }

  private hold(part: Buffer): boolean {
    this.heldBytes += part.length;
    this.parts.push(part);
    return this.heldBytes <= this.maxBytes;
  }
}
