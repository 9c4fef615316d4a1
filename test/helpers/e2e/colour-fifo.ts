import { execFileSync } from 'node:child_process';
import { createWriteStream, type WriteStream } from 'node:fs';
import { onTestEnd } from './command.ts';

const width = 320;
const height = 240;
const frameIntervalMs = 40;

/** BT.601 limited range, what an unmarked YUV4MPEG2 stream means, and the colour a screen makes of it. */
export const colours = {
  red: { yuv: [81, 90, 240], rgb: [255, 0, 0] },
  green: { yuv: [145, 54, 34], rgb: [0, 255, 0] },
  blue: { yuv: [41, 240, 110], rgb: [0, 0, 255] },
} as const;
export type Colour = keyof typeof colours;

/** A FIFO with live YUV4MPEG2 of a single colour, 320 x 240, until the test ends. */
export class ColourFifo {
  readonly path: string;
  private frame: Buffer;
  private pipe: WriteStream | null = null;
  private timer: NodeJS.Timeout | undefined;

  constructor(path: string, colour: Colour) {
    this.path = path;
    this.frame = buildFrame(colour);
    execFileSync('mkfifo', [path]);
    onTestEnd(() => this.close());
  }

  /** Begins to write, once somebody reads. */
  open(): void {
    const pipe = createWriteStream(this.path);
    pipe.on('error', () => {});
    pipe.write(`YUV4MPEG2 W${width} H${height} F25:1 Ip A1:1 C420jpeg\n`);
    this.pipe = pipe;
    this.timer = setInterval(() => pipe.writableLength < 1_000_000 && pipe.write(this.frame), frameIntervalMs);
  }

  show(colour: Colour): void {
    this.frame = buildFrame(colour);
  }

  close(): void {
    clearInterval(this.timer);
    this.pipe?.destroy();
    this.pipe = null;
  }
}

function buildFrame(colour: Colour): Buffer {
  const [y, u, v] = colours[colour].yuv;
  const chroma = (width * height) / 4;
  const planes = [Buffer.alloc(width * height, y), Buffer.alloc(chroma, u), Buffer.alloc(chroma, v)];
  return Buffer.concat([Buffer.from('FRAME\n'), ...planes]);
}
