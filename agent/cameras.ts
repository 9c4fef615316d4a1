import { Camera, type EncoderSource } from './camera/camera.ts';
import { CameraSearch } from './camera-search.ts';
import { defaultCameraConfig } from './config/camera-schema.ts';
import type { AgentConfig, CameraConfig } from './config/config-schema.ts';
import { findCamera, findPluggedCamera } from './find-camera.ts';
import type { MediaClock } from './media/media-clock.ts';
import { LiveCamera } from './session/live-camera.ts';
import { type CameraSource, describeSource, parseCameraSource } from './sources/camera-source.ts';
import type { Logger } from './system/logger.ts';

const testPattern = defaultCameraConfig({ source: 'test', name: 'Test pattern' });

/** What is said of the test pattern while it stands in for a camera. */
const standInNotice = 'no camera is found';

export interface BuiltCameras {
  cameras: LiveCamera[];
  /** Replaces the test pattern by the first camera that comes; null where one is configured or was found. */
  search: CameraSearch | null;
}

interface BuildCamerasOptions {
  config: AgentConfig;
  encoders: EncoderSource;
  clock: MediaClock;
  logger: Logger;
  /** Look for a camera where none is configured, at the start and later; others in tests. */
  finders?: { atStart(): Promise<CameraConfig | null>; later(): Promise<CameraConfig | null> };
}

/**
 * Builds the cameras of the configuration; without any there, the first V4L2 camera of the machine, else the first
 * on the CSI connector, else the test pattern until a camera is plugged in.
 * Nothing runs until somebody watches, or the search is started.
 */
export async function buildCameras(options: BuildCamerasOptions): Promise<BuiltCameras> {
  const { config, logger, finders = { atStart: findCamera, later: findPluggedCamera } } = options;
  if (config.cameras.length > 0) {
    return { cameras: config.cameras.map((camera) => buildCamera(camera, options)), search: null };
  }
  const found = await finders.atStart();
  if (found !== null) return { cameras: [buildCamera(found, options)], search: null };
  logger.warn({}, 'no camera is found: viewers see the test pattern until one is plugged in');
  const standIn = buildCamera(testPattern, options, standInNotice);
  const search = new CameraSearch({
    find: finders.later,
    onFound: (camera) => {
      const source = readSource(camera);
      logger.info({ camera: standIn.id, source: describeSource(source) }, 'camera found');
      standIn.replaceSource(source, camera.name);
    },
  });
  return { cameras: [standIn], search };
}

function buildCamera(camera: CameraConfig, options: BuildCamerasOptions, notice?: string): LiveCamera {
  const { config, encoders, clock, logger } = options;
  const source = readSource(camera);
  logger.info({ camera: camera.id, source: describeSource(source) }, 'camera configured');
  return new LiveCamera({
    clock,
    notice,
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
}

function readSource(camera: CameraConfig): CameraSource {
  const source = parseCameraSource(camera.source);
  // A defect: the configuration was checked by the same reader.
  if (!source.ok) throw new Error(`the source of camera ${camera.id} ${source.error}`);
  return source.value;
}
