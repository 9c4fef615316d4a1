import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import type { CameraSource } from './camera-source.ts';

export type SourceCheck = { present: true; isLiveFile: boolean } | { present: false; reason: string };

/** Looks whether there is something to open at all, so that "unplugged" is told apart from "ffmpeg failed". */
export async function checkSource(source: CameraSource): Promise<SourceCheck> {
  if (source.kind === 'file') return checkPath(source.path, 'file');
  if (source.kind === 'v4l2') return checkPath(source.devicePath, 'device');
  return { present: true, isLiveFile: false };
}

async function checkPath(path: string, kind: 'file' | 'device'): Promise<SourceCheck> {
  try {
    const stats = await stat(path);
    if (stats.isDirectory()) return { present: false, reason: `${path} is a folder` };
    if (kind === 'device' && !stats.isCharacterDevice()) return { present: false, reason: `${path} is not a device` };
    await access(path, kind === 'device' ? constants.R_OK | constants.W_OK : constants.R_OK);
    return { present: true, isLiveFile: stats.isFIFO() };
  } catch (error) {
    return { present: false, reason: explain(path, kind, error) };
  }
}

function explain(path: string, kind: 'file' | 'device', error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return kind === 'device' ? `${path} is not there: is the camera plugged in?` : `${path} does not exist`;
  }
  if (code === 'EACCES' || code === 'EPERM') {
    const hint = kind === 'device' ? ': is the user in the group "video"?' : '';
    return `no permission to read ${path}${hint}`;
  }
  return `${path} cannot be read (${String(code ?? error)})`;
}
