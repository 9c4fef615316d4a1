import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import type { CameraSource } from '../sources/camera-source.ts';
import { type WatchPath, waitAtPath } from './path-watch.ts';

export interface PresentSource {
  present: true;
  isLiveFile: boolean;
}

export interface AbsentSource {
  present: false;
  /** For people. */
  reason: string;
  /** It is there, and may not be read. */
  isDenied: boolean;
}

export type SourceCheck = PresentSource | AbsentSource;

/** udev gives a device to its group a moment after the kernel has made it; only then is a refusal news. */
const deniedGraceMs = 900;

/** Looks whether there is something to open at all, so that "unplugged" is told apart from "ffmpeg failed". */
export async function checkSource(source: CameraSource): Promise<SourceCheck> {
  if (source.kind === 'file') return checkPath(source.path, 'file');
  if (source.kind === 'v4l2') return checkPath(source.devicePath, 'device');
  return { present: true, isLiveFile: false };
}

/**
 * Waits until there is something to open: a camera that is plugged in again is there at once, and an absent one costs nothing.
 *
 * @param options.onMissing gets each reason why there is nothing, for people
 * @param options.check looks at the source; other in tests
 * @returns null when `signal` was aborted before
 */
export async function waitForSource(
  source: CameraSource,
  options: {
    signal: AbortSignal;
    watchPath: WatchPath;
    onMissing: (reason: string) => void;
    check?: typeof checkSource;
  },
): Promise<PresentSource | null> {
  const { signal, onMissing, check: checkNow = checkSource } = options;
  let deniedSinceMs: number | null = null;
  const look = async () => {
    const check = await checkNow(source);
    if (check.present) return check;
    if (!check.isDenied) deniedSinceMs = null;
    else deniedSinceMs ??= performance.now();
    const isNews = deniedSinceMs === null || performance.now() - deniedSinceMs >= deniedGraceMs;
    if (isNews && !signal.aborted) onMissing(check.reason);
    return null;
  };
  const path = pathOf(source);
  return path === null ? look() : waitAtPath({ ...options, path, look });
}

/** Waits until a device is gone. @returns the reason, for people; null when `signal` was aborted before, or it is no device */
export async function waitUntilUnplugged(
  source: CameraSource,
  options: { signal: AbortSignal; watchPath: WatchPath },
): Promise<string | null> {
  if (source.kind !== 'v4l2') return null;
  const look = async () => {
    const check = await checkSource(source);
    return check.present ? null : check.reason;
  };
  return waitAtPath({ ...options, path: source.devicePath, look });
}

function pathOf(source: CameraSource): string | null {
  if (source.kind === 'file') return source.path;
  return source.kind === 'v4l2' ? source.devicePath : null;
}

async function checkPath(path: string, kind: 'file' | 'device'): Promise<SourceCheck> {
  try {
    const stats = await stat(path);
    if (stats.isDirectory()) return absent(`${path} is a folder`);
    if (kind === 'device' && !stats.isCharacterDevice()) return absent(`${path} is not a device`);
    await access(path, kind === 'device' ? constants.R_OK | constants.W_OK : constants.R_OK);
    return { present: true, isLiveFile: stats.isFIFO() };
  } catch (error) {
    return explain(path, kind, error);
  }
}

function absent(reason: string, isDenied = false): AbsentSource {
  return { present: false, reason, isDenied };
}

function explain(path: string, kind: 'file' | 'device', error: unknown): AbsentSource {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return absent(kind === 'device' ? `${path} is not there: is the camera plugged in?` : `${path} does not exist`);
  }
  if (code === 'EACCES' || code === 'EPERM') {
    const hint = kind === 'device' ? ': is the user in the group "video"?' : '';
    return absent(`no permission to read ${path}${hint}`, true);
  }
  return absent(`${path} cannot be read (${String(code ?? error)})`);
}
