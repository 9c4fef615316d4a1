import { Buffer } from 'node:buffer';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Camera, type CameraOptions } from '../../../agent/camera/camera.ts';
import type { CameraSource } from '../../../agent/camera/camera-source.ts';
import type { CameraState } from '../../../agent/camera/camera-state.ts';
import type { EncodingSettings } from '../../../agent/camera/encoder.ts';
import type { AccessUnit } from '../../../agent/media/access-unit.ts';
import { runTool, testFfmpeg } from '../../helpers/ffmpeg.ts';

const waitTimeoutMs = 15_000;
const quiet = { debug() {}, info() {}, warn() {}, error() {} };

/** A camera with real ffmpeg whose frames and states are kept for a test to wait on. */
export interface CameraFixture {
  camera: Camera;
  units: AccessUnit[];
  /** Each state as it came, with its reason. */
  states: string[];
  /** Waits until `condition` holds; looks at it after each frame and each change of state. */
  until(condition: () => boolean, what: string): Promise<void>;
  untilState(state: CameraState): Promise<void>;
  /** Process ids of the ffmpeg processes of this camera. */
  findProcesses(): Promise<number[]>;
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

export async function openCamera(options: {
  source: CameraSource;
  video?: Partial<EncodingSettings>;
  lingerMs?: number;
  logger?: CameraOptions['logger'];
}): Promise<CameraFixture> {
  const runtimeDir = await mkdtemp(join(tmpdir(), 'porthole-camera-'));
  const units: AccessUnit[] = [];
  const states: string[] = [];
  const checks = new Set<() => void>();
  const camera = new Camera({
    id: 'cam',
    name: 'Camera',
    source: options.source,
    video: { ...smallVideo, ...options.video },
    ffmpeg: await testFfmpeg(),
    encoder: 'libx264',
    runtimeDir,
    lingerMs: options.lingerMs ?? 10_000,
    logger: options.logger ?? quiet,
    onAccessUnit: (unit) => {
      units.push(unit);
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
    states,
    until,
    untilState: (state) => until(() => camera.status.state === state, state),
    findProcesses: () => findProcessesWith(runtimeDir),
    findSockets: () => readdir(runtimeDir),
    close: async () => {
      await camera.stop();
      await rm(runtimeDir, { recursive: true });
    },
  };
}

/** Decodes access units to gray pictures. */
export async function decodeGray(units: AccessUnit[], width: number, height: number): Promise<Buffer[]> {
  const annexB = Buffer.concat(units.map((unit) => unit.data));
  const args = [
    '-f',
    'h264',
    '-i',
    'pipe:0',
    '-fps_mode',
    'passthrough',
    '-f',
    'rawvideo',
    '-pix_fmt',
    'gray',
    'pipe:1',
  ];
  const pixels = await runTool('ffmpeg', args, annexB);
  const size = width * height;
  return Array.from({ length: pixels.length / size }, (_, index) => pixels.subarray(index * size, (index + 1) * size));
}

async function findProcessesWith(text: string): Promise<number[]> {
  const ids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const lines = await Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')));
  return ids.filter((_, index) => lines[index]?.includes(text));
}
