import { Camera } from './camera/camera.ts';
import { type CameraSource, describeSource, parseCameraSource } from './camera/camera-source.ts';
import { canEncodeVp8, chooseEncoder } from './camera/encoder.ts';
import { defaultCameraConfig } from './config/camera-schema.ts';
import type { AgentConfig, CameraConfig } from './config/config-schema.ts';
import type { FfmpegProgram } from './ffmpeg/find-ffmpeg.ts';
import { findCamera } from './find-camera.ts';
import type { MediaClock } from './media/media-clock.ts';
import { LiveCamera } from './session/live-camera.ts';
import type { Logger } from './system/logger.ts';

/** A camera source in the configuration that cannot be read. */
export class CameraConfigError extends Error {
  readonly code = 'camera-source-invalid';
  override readonly name = 'CameraConfigError';
}

const testPattern = defaultCameraConfig({ source: 'test', name: 'Test pattern' });

/**
 * Builds the cameras of the configuration; without any there, the first V4L2 camera of the machine, else the first
 * on the CSI connector, else the test pattern.
 * Nothing runs until somebody watches.
 *
 * @throws FfmpegError or CameraConfigError
 */
export async function buildCameras(options: {
  config: AgentConfig;
  ffmpeg: FfmpegProgram;
  clock: MediaClock;
  logger: Logger;
}): Promise<LiveCamera[]> {
  const { config, ffmpeg, clock, logger } = options;
  const [encoder, hasVp8, configs] = await Promise.all([
    chooseEncoder({ program: ffmpeg.path, wanted: config.ffmpeg.encoder }),
    canEncodeVp8(ffmpeg.path),
    config.cameras.length > 0 ? config.cameras : findCamera().then((found) => [found ?? testPattern]),
  ]);
  logger.info(
    { ffmpeg: ffmpeg.path, version: `${ffmpeg.version.major}.${ffmpeg.version.minor}`, encoder, vp8: hasVp8 },
    'encoder ready',
  );
  return configs.map((camera) => {
    const source = readSource(camera);
    logger.info({ camera: camera.id, source: describeSource(source) }, 'camera configured');
    return new LiveCamera({
      clock,
      onError: (error) => logger.error({ camera: camera.id, error }, 'a viewer could not be served'),
      buildCamera: (onAccessUnit) =>
        new Camera({
          id: camera.id,
          name: camera.name,
          source,
          video: camera,
          ffmpeg,
          encoder,
          hasVp8,
          isPassthrough: camera.passthrough,
          clock,
          runtimeDir: config.runtimeDir,
          lingerMs: camera.lingerMs,
          logger,
          onAccessUnit,
        }),
    });
  });
}

function readSource(camera: CameraConfig): CameraSource {
  const source = parseCameraSource(camera.source);
  if (!source.ok) throw new CameraConfigError(`cameras, ${camera.id}: ${source.error}`);
  if (camera.passthrough && source.value.kind === 'test') {
    throw new CameraConfigError(
      `cameras, ${camera.id}: passthrough needs a source that is H.264, not the test pattern`,
    );
  }
  return source.value;
}
