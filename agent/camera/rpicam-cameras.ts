import { execFile } from 'node:child_process';
import { rpicamPrograms } from './rpicam.ts';

/** A camera on the CSI connector. */
export interface RpicamCamera {
  /** For `parseCameraSource`: `rpicam:INDEX`. */
  source: string;
  /** Of the sensor, such as `imx708`. */
  name: string;
}

const listTimeoutMs = 5_000;
const cameraLine = /^\s*(\d) : ([\w-]+) \[/gm;

/** Asks the first of the programs that is there for its cameras. No program, no cameras. */
export async function findRpicamCameras(programs: readonly string[] = rpicamPrograms): Promise<RpicamCamera[]> {
  for (const program of programs) {
    const list = await readList(program);
    if (list !== null) return parseRpicamList(list);
  }
  return [];
}

/** Reads what `rpicam-vid --list-cameras` prints. */
export function parseRpicamList(text: string): RpicamCamera[] {
  return [...text.matchAll(cameraLine)].map(([, index, name = '']) => ({ source: `rpicam:${index}`, name }));
}

/** @returns null when there is no such program */
function readList(program: string): Promise<string | null> {
  return new Promise((resolve) => {
    execFile(program, ['--list-cameras'], { timeout: listTimeoutMs }, (error, stdout) => {
      resolve(error !== null && error.code === 'ENOENT' ? null : stdout);
    });
  });
}
