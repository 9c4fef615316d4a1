import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * A FIFO between two programs, in a folder that nobody else can read. While it is open neither end waits for the other to open, and
 * neither sees an end of the stream.
 */
export class Fifo {
  readonly path: string;
  private keeper: FileHandle | null = null;

  constructor(path: string) {
    this.path = path;
  }

  /** @throws the error of the system when the folder does not take one */
  async open(): Promise<void> {
    await rm(this.path, { force: true }); // left over from an agent that was killed
    await run('mkfifo', ['-m', '600', this.path]); // Node has no call for it
    this.keeper = await open(this.path, constants.O_RDWR | constants.O_NONBLOCK);
  }

  /** The end to write to, for a program that is about to start. The caller closes it. */
  openWriter(): Promise<FileHandle> {
    return open(this.path, constants.O_WRONLY);
  }

  /** May be called twice. */
  async close(): Promise<void> {
    const { keeper } = this;
    this.keeper = null;
    await keeper?.close();
    await rm(this.path, { force: true });
  }
}
