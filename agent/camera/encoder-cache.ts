import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { FfmpegVersion } from '../ffmpeg/find-ffmpeg.ts';
import type { EncoderName } from './encoder.ts';

/** What test encodes have found out about one ffmpeg. */
export interface EncoderFindings {
  version: FfmpegVersion;
  encoder: EncoderName;
  hasVp8: boolean;
}

/** A text that survives a restart, and whose loss does no harm. */
export interface CacheFile {
  /** @returns null when there is none that can be read */
  read(): Promise<string | null>;
  /** Replaces it, whole or not at all. */
  write(text: string): Promise<void>;
}

/** What the findings hold for: another program, setting or device, and they say nothing. */
export interface EncoderCacheKey {
  program: string;
  size: number;
  modifiedAtMs: number;
  wanted: 'auto' | EncoderName;
  /** What the drivers of V4L2 call themselves, hardware encoders among them; sorted. */
  devices: readonly string[];
}

const hardwareEncoder = /codec-enc|-enc\b|encoder/i;

/** @throws what the system says when the program cannot be looked at */
export async function readCacheKey(
  program: string,
  wanted: EncoderCacheKey['wanted'],
  sysfsRoot = '/sys',
): Promise<EncoderCacheKey> {
  const real = await realpath(program);
  const { size, mtimeMs } = await stat(real);
  return { program: real, size, modifiedAtMs: mtimeMs, wanted, devices: await readDeviceNames(sysfsRoot) };
}

/** @returns the findings that were kept for this key; null for everything else that a file may hold */
export function parseEncoderCache(text: string, key: EncoderCacheKey): EncoderFindings | null {
  let kept: unknown;
  try {
    kept = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isObject(kept) || JSON.stringify(kept.key) !== JSON.stringify(key)) return null;
  const { version, encoder, hasVp8 } = kept;
  if (!isObject(version) || typeof version.major !== 'number' || typeof version.minor !== 'number') return null;
  if ((encoder !== 'libx264' && encoder !== 'h264_v4l2m2m') || typeof hasVp8 !== 'boolean') return null;
  if (key.wanted !== 'auto' && key.wanted !== encoder) return null;
  return { version: { major: version.major, minor: version.minor }, encoder, hasVp8 };
}

export function buildEncoderCache(key: EncoderCacheKey, findings: EncoderFindings): string {
  return `${JSON.stringify({ key, ...findings })}\n`;
}

/** Whether another test would find the same: not where one failed that may have failed by chance, of a busy device or a slow machine. */
export function areLasting({ wanted, devices }: EncoderCacheKey, { encoder, hasVp8 }: EncoderFindings): boolean {
  const isBest = wanted !== 'auto' || encoder !== 'libx264' || !devices.some((name) => hardwareEncoder.test(name));
  return hasVp8 && isBest;
}

async function readDeviceNames(sysfsRoot: string): Promise<string[]> {
  const folder = join(sysfsRoot, 'class/video4linux');
  const nodes = await readdir(folder).catch(() => []);
  const names = await Promise.all(nodes.map((node) => readFile(join(folder, node, 'name'), 'utf8').catch(() => '')));
  return names.map((name) => name.trim()).sort();
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
