import { Buffer } from 'node:buffer';
import { rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { FfmpegError } from './ffmpeg-error.ts';
import { type NutPacket, NutReader } from './nut-reader.ts';

/** What sockaddr_un holds on Linux, without the final zero. */
const socketPathMaxBytes = 107;

/**
 * The receiving end of one ffmpeg output: a unix socket that takes exactly one connection and reads NUT from it. Serves one run
 * of ffmpeg.
 */
export class OutputSocket {
  private readonly path: string;
  private readonly onPacket: (packet: NutPacket) => void;
  private readonly onConnected: () => void;
  private readonly onError: (error: Error) => void;
  private server: Server | null = null;
  private connection: Socket | null = null;
  private hasFailed = false;

  /** @param options.onError the stream cannot be taken or read on; said at most once */
  constructor(options: {
    path: string;
    onPacket: (packet: NutPacket) => void;
    onConnected: () => void;
    onError: (error: Error) => void;
  }) {
    this.path = options.path;
    this.onPacket = options.onPacket;
    this.onConnected = options.onConnected;
    this.onError = options.onError;
  }

  /** The URL under which ffmpeg reaches it. */
  get target(): string {
    return `unix:${this.path}`;
  }

  /** @throws FfmpegError `socket-path-too-long`, or the error of the system when the folder does not take a socket */
  async open(): Promise<void> {
    if (Buffer.byteLength(this.path) > socketPathMaxBytes) {
      throw FfmpegError.socketPathTooLong(this.path, socketPathMaxBytes);
    }
    await rm(this.path, { force: true }); // left over from an agent that was killed
    const server = createServer((connection) => this.handleConnection(connection));
    this.server = server;
    await new Promise<void>((resolve, reject) => {
      // Later errors are of connections that could not be taken, for want of file descriptors: ffmpeg would wait for ever.
      server.on('error', (error) => (server.listening ? this.fail(error) : reject(error)));
      server.listen(this.path, resolve);
    });
  }

  async close(): Promise<void> {
    this.connection?.destroy();
    this.connection = null;
    const { server } = this;
    this.server = null;
    if (server?.listening) await new Promise((resolve) => server.close(resolve));
    await rm(this.path, { force: true });
  }

  private handleConnection(connection: Socket): void {
    if (this.connection !== null || this.server === null) {
      connection.destroy();
      return;
    }
    this.connection = connection;
    const reader = new NutReader(this.onPacket);
    connection.on('data', (chunk: Buffer) => {
      try {
        reader.push(chunk);
      } catch (error) {
        connection.destroy();
        this.fail(error instanceof Error ? error : new Error(String(error)));
      }
    });
    // A connection that breaks shows as the exit of ffmpeg.
    connection.on('error', () => {});
    this.onConnected();
  }

  private fail(error: Error): void {
    if (this.hasFailed) return;
    this.hasFailed = true;
    this.onError(error);
  }
}
