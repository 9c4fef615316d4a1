import { Buffer } from 'node:buffer';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Camera, type CameraOptions } from '../../../agent/camera/camera.ts';
import type { EncodingSettings } from '../../../agent/camera/encoder.ts';
import type { RenditionName } from '../../../agent/camera/renditions.ts';
import type { RunState } from '../../../agent/ffmpeg/run-state.ts';
import type { AccessUnit } from '../../../agent/media/access-unit.ts';
import type { CameraSource } from '../../../agent/sources/camera-source.ts';
import { systemClock } from '../../../agent/system/clock.ts';
import type { VideoCodec } from '../../../protocol/messages.ts';
import { runTool, testFfmpeg } from '../../helpers/ffmpeg.ts';

const waitTimeoutMs = 15_000;
const quiet = { debug() {}, info() {}, warn() {}, error() {} };

export interface ReceivedUnit extends AccessUnit {
  renditionName: RenditionName;
}

/** A camera with real ffmpeg whose frames and states are kept for a test to wait on. */
export interface CameraFixture {
  camera: Camera;
  /** Of the rendition `top`. */
  units: AccessUnit[];
  /** Of all renditions, as they came. */
  received: ReceivedUnit[];
  unitsOf(name: RenditionName): ReceivedUnit[];
  /** Each state as it came, with its reason. */
  states: string[];
  /** Waits until `condition` holds; looks at it after each frame and each change of state. */
  until(condition: () => boolean, what: string): Promise<void>;
  untilState(state: RunState): Promise<void>;
  /** Process ids of the ffmpeg processes of this camera. */
  findProcesses(): Promise<number[]>;
  runtimeDir: string;
  /** What is left in the runtime folder. */
  findSockets(): Promise<string[]>;
  close(): Promise<void>;
}

export const smallVideo: EncodingSettings = {
  widthMax: 640,
  heightMax: 360,
  fps: 30,
  bitrateKbps: 1000,
  keyframeIntervalMs: 2000,
};

const workingEncoder: CameraOptions['encoders'] = {
  current: null,
  find: async () => ({ ffmpeg: await testFfmpeg(), encoder: 'libx264', hasVp8: true }),
  doubt() {},
};

export async function openCamera(options: {
  source: CameraSource;
  video?: Partial<EncodingSettings>;
  isPassthrough?: boolean;
  lingerMs?: number;
  rpicamPrograms?: readonly string[];
  logger?: CameraOptions['logger'];
  encoders?: CameraOptions['encoders'];
}): Promise<CameraFixture> {
  const runtimeDir = await mkdtemp(join(tmpdir(), 'porthole-camera-'));
  const units: AccessUnit[] = [];
  const received: ReceivedUnit[] = [];
  const states: string[] = [];
  const checks = new Set<() => void>();
  const camera = new Camera({
    id: 'cam',
    name: 'Camera',
    source: options.source,
    video: { ...smallVideo, ...options.video },
    encoders: options.encoders ?? workingEncoder,
    isPassthrough: options.isPassthrough ?? false,
    clock: systemClock,
    runtimeDir,
    lingerMs: options.lingerMs ?? 10_000,
    ...(options.rpicamPrograms ? { rpicamPrograms: options.rpicamPrograms } : {}),
    logger: options.logger ?? quiet,
    onAccessUnit: (unit, renditionName) => {
      if (renditionName === 'top') units.push(unit);
      received.push({ ...unit, renditionName });
      for (const check of checks) check();
    },
  });
  camera.onStatus(({ state, reason }) => {
    states.push(reason === undefined ? state : `${state}: ${reason}`);
    for (const check of checks) check();
  });

  const until = (condition: () => boolean, what: string) =>
    new Promise<void>((resolve, reject) => {
      const fail = () => {
        checks.delete(check);
        reject(new Error(`waited in vain for ${what}; states: ${states.join(' | ')}; ${units.length} frames`));
      };
      const timer = setTimeout(fail, waitTimeoutMs);
      const check = () => {
        if (!condition()) return;
        clearTimeout(timer);
        checks.delete(check);
        resolve();
      };
      checks.add(check);
      check();
    });

  return {
    camera,
    units,
    received,
    unitsOf: (name) => received.filter((unit) => unit.renditionName === name),
    states,
    until,
    untilState: (state) => until(() => camera.status.state === state, state),
    runtimeDir,
    findProcesses: () => findProcessesWith(runtimeDir),
    findSockets: () => readdir(runtimeDir),
    close: async () => {
      await camera.stop();
      await rm(runtimeDir, { recursive: true });
    },
  };
}

/** Decodes access units to gray pictures. */
export async function decodeGray(
  units: AccessUnit[],
  width: number,
  height: number,
  codec: VideoCodec = 'h264',
): Promise<Buffer[]> {
  const input = codec === 'h264' ? Buffer.concat(units.map((unit) => unit.data)) : ivfOf(units);
  const output = ['-fps_mode', 'passthrough', '-f', 'rawvideo', '-pix_fmt', 'gray', 'pipe:1'];
  const pixels = await runTool('ffmpeg', ['-f', codec === 'h264' ? 'h264' : 'ivf', '-i', 'pipe:0', ...output], input);
  const size = width * height;
  return Array.from({ length: pixels.length / size }, (_, index) => pixels.subarray(index * size, (index + 1) * size));
}

/** The simplest container for VP8: a header, and before each frame its length and number. */
function ivfOf(units: AccessUnit[]): Buffer {
  const header = Buffer.alloc(32);
  header.write('DKIF\0\0\x20\0VP80', 'latin1');
  header.writeUInt32LE(30, 16);
  header.writeUInt32LE(1, 20);
  const frames = units.map(({ data }, index) => {
    const frameHeader = Buffer.alloc(12);
    frameHeader.writeUInt32LE(data.length);
    frameHeader.writeUInt32LE(index, 4);
    return Buffer.concat([frameHeader, data]);
  });
  return Buffer.concat([header, ...frames]);
}

async function findProcessesWith(text: string): Promise<number[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const lines = await Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')));
  return ids.filter((_, index) => lines[index]?.includes(text));
}
