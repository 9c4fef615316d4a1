import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { basename } from 'node:path';
import { createInterface } from 'node:readline';
import { failure, type Result, success } from '../../protocol/result.ts';

/** What the program is to deliver on its standard output. */
export interface RpicamStream {
  /** Of the camera, as `rpicam-vid --list-cameras` counts them. */
  index: number;
  codec: 'yuv420' | 'h264';
  /** In pixels, even. */
  width: number;
  height: number;
  fps: number;
  /** The next two for H.264 alone. */
  bitrateKbps: number;
  keyframeIntervalMs: number;
}

/** The program of Raspberry Pi OS that reads a camera on the CSI connector; the second is its name until 2023. */
export const rpicamPrograms: readonly string[] = ['rpicam-vid', 'libcamera-vid'];

/** The image processor pads shorter lines of raw pictures, and says nothing of it on standard output. */
const lineMultiple = 64;
const endGraceMs = 500;
const lineMaxLength = 300;

/**
 * The largest size within a box that comes without padding. The camera scales to it; where it is of another shape than the
 * sensor, it cuts.
 */
export function chooseRpicamSize(box: { widthMax: number; heightMax: number }): { width: number; height: number } {
  const { widthMax, heightMax } = box;
  return {
    width: Math.max(lineMultiple, widthMax - (widthMax % lineMultiple)),
    height: Math.max(2, heightMax - (heightMax % 2)),
  };
}

export function buildRpicamArguments(stream: RpicamStream): string[] {
  const { index, codec, width, height, fps, bitrateKbps, keyframeIntervalMs } = stream;
  const coding = [
    ...['--profile', 'baseline', '--inline', '--bitrate', String(bitrateKbps * 1000)],
    ...['--intra', String(Math.max(1, Math.round((keyframeIntervalMs * fps) / 1000)))],
  ];
  return [
    // As one word: its value is optional. With 0 errors alone are told.
    ...['--camera', String(index), '--nopreview', '--verbose=0', '--timeout', '0', '--flush'],
    ...['--width', String(width), '--height', String(height), '--framerate', String(fps)],
    ...['--codec', codec, ...(codec === 'h264' ? coding : [])],
    // A name of a file would be taken for a format.
    ...['--output', '-'],
  ];
}

/** A running camera program. Made by {@link spawnRpicam}. */
export class RpicamProcess {
  /** Resolves with the reason, for people, when it is gone; never rejects. */
  readonly ended: Promise<string>;
  private readonly child: ChildProcess;

  constructor(child: ChildProcess, ended: Promise<string>) {
    this.child = child;
    this.ended = ended;
  }

  /** Resolves when it is gone, and the camera is free again. */
  async terminate(): Promise<void> {
    this.child.kill('SIGTERM');
    this.child.kill('SIGCONT'); // a stopped process acts on no other signal
    const timer = setTimeout(() => this.child.kill('SIGKILL'), endGraceMs);
    await this.ended;
    clearTimeout(timer);
  }
}

/**
 * Starts the first of the programs that is there, found on PATH where it has no folder.
 *
 * @param options.stdout the file that takes the pictures
 * @returns the process, or a sentence for people
 */
export async function spawnRpicam(options: {
  programs: readonly string[];
  stream: RpicamStream;
  stdout: number;
}): Promise<Result<RpicamProcess, string>> {
  const { programs, stream, stdout } = options;
  for (const program of programs) {
    const child = spawn(program, buildRpicamArguments(stream), { stdio: ['ignore', stdout, 'pipe'] });
    try {
      await once(child, 'spawn');
      return success(new RpicamProcess(child, observeEnd(child, program)));
    } catch (error) {
      const isAbsent = error instanceof Error && 'code' in error && error.code === 'ENOENT';
      if (!isAbsent) return failure(`${program} cannot be run: ${String(error)}`);
    }
  }
  return failure(`${programs[0]} was not found: a camera on the CSI connector needs it (apt install rpicam-apps)`);
}

async function observeEnd(child: ChildProcess, program: string): Promise<string> {
  const name = basename(program);
  let problem: string | null = null;
  if (child.stderr !== null) {
    createInterface({ input: child.stderr }).on('line', (line) => {
      problem = problemIn(line) ?? problem;
    });
  }
  child.on('error', () => {}); // a signal that did not reach it; `once` of node:events would take it for the end
  const { code, signal } = await new Promise<{ code: number | null; signal: NodeJS.Signals | null }>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  return problem ?? (signal === null ? `${name} ended with code ${code}` : `${name} was ended by ${signal}`);
}

/** @returns what a line says went wrong: `ERROR: *** no cameras available ***`; null for one that tells of something else */
function problemIn(line: string): string | null {
  const [, problem] = /\bERROR:? +(?:\*+ *)?(.*?)(?: *\*+)?$/.exec(line.trim()) ?? [];
  return problem?.slice(0, lineMaxLength) ?? null;
}
