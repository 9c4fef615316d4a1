import { Buffer } from 'node:buffer';
import { execFileSync } from 'node:child_process';
import { type FileHandle, open } from 'node:fs/promises';

/** A live camera behind a FIFO: a writer of YUV4MPEG2 that a test feeds with frames of one shade each. */
export class FakeCameraFifo {
  readonly path: string;
  private readonly width: number;
  private readonly height: number;
  private file: FileHandle | null = null;

  constructor(options: { path: string; width: number; height: number }) {
    this.path = options.path;
    this.width = options.width;
    this.height = options.height;
  }

  create(): void {
    execFileSync('mkfifo', [this.path]);
  }

  /** Resolves once somebody reads. */
  async open(): Promise<void> {
    this.file = await open(this.path, 'w');
    await this.write(Buffer.from(`YUV4MPEG2 W${this.width} H${this.height} F30:1 Ip A1:1 C420jpeg\n`));
  }

  /** @param luma 16 (black) to 235 (white) */
  async showFrame(luma: number): Promise<void> {
    const pixels = this.width * this.height;
    await this.write(
      Buffer.concat([Buffer.from('FRAME\n'), Buffer.alloc(pixels, luma), Buffer.alloc(pixels / 2, 128)]),
    );
  }

  async close(): Promise<void> {
    await this.file?.close();
    this.file = null;
  }

  private async write(bytes: Buffer): Promise<void> {
    for (let rest = bytes; rest.length > 0; ) {
      const written = await this.file?.write(rest);
      if (written === undefined) throw new Error('the FIFO is not open');
      rest = rest.subarray(written.bytesWritten);
    }
  }
}
