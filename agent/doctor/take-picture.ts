import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { failure, type Result, success } from '../../protocol/result.ts';
import { openCameraInput } from '../camera/camera-input.ts';
import type { CameraConfig } from '../config/config-schema.ts';
import type { FfmpegProgram } from '../ffmpeg/find-ffmpeg.ts';
import { causeOf, runFfmpeg } from '../ffmpeg/run-ffmpeg.ts';
import type { CameraSource } from '../sources/camera-source.ts';

const pictureTimeoutMs = 5_000;

/**
 * Takes one picture just as the agent would, and throws it away.
 *
 * @returns how long it took, or a reason for people
 */
export async function takePicture(options: {
  camera: CameraConfig;
  source: CameraSource;
  ffmpeg: FfmpegProgram;
  signal?: AbortSignal;
}): Promise<Result<{ durationMs: number }, string>> {
  const { camera, source, ffmpeg } = options;
  if (source.kind === 'file' && (await isFifo(source.path))) return success({ durationMs: 0 });
  const runtimeDir = await mkdtemp(join(tmpdir(), 'porthole-doctor-'));
  const signal = AbortSignal.any([AbortSignal.timeout(pictureTimeoutMs), ...(options.signal ? [options.signal] : [])]);
  const startMs = performance.now();
  try {
    const input = await openCameraInput({
      id: camera.id,
      source,
      video: camera,
      ffmpeg,
      isPassthrough: camera.passthrough,
      runtimeDir,
      isLiveFile: false,
    });
    if (!input.ok) return failure(input.error);
    try {
      const job = {
        program: ffmpeg.path,
        input: input.value.input,
        outputs: [{ options: ['-map', '0:v:0', '-frames:v', '1', '-f', 'null'], target: '-' }],
      };
      const { exit, wasAborted } = await runFfmpeg(job, { signal, end: (process) => process.terminate(0) });
      if (wasAborted) return failure(`nothing came within ${pictureTimeoutMs / 1000} s`);
      return exit.code === 0
        ? success({ durationMs: Math.round(performance.now() - startMs) })
        : failure(causeOf(exit));
    } finally {
      await input.value.close();
    }
  } finally {
    await rm(runtimeDir, { recursive: true, force: true });
  }
}

/** A reader would take pictures out of it that somebody else waits for. */
async function isFifo(path: string): Promise<boolean> {
  const stats = await stat(path).catch(() => null);
  return stats?.isFIFO() ?? false;
}
