import { Camera, type EncoderSource } from './camera/camera.ts';
import { type CameraSource, describeSource, parseCameraSource } from './camera/camera-source.ts';
import { defaultCameraConfig } from './config/camera-schema.ts';
import type { AgentConfig, CameraConfig } from './config/config-schema.ts';
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
 * @throws CameraConfigError
 */
export async function buildCameras(options: {
  config: AgentConfig;
  encoders: EncoderSource;
  clock: MediaClock;
  logger: Logger;
}): Promise<LiveCamera[]> {
  const { config, encoders, clock, logger } = options;
  const configs = config.cameras.length > 0 ? config.cameras : [(await findCamera()) ?? testPattern];
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
          encoders,
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
