import { findRpicamCameras } from './camera/rpicam-cameras.ts';
import { findV4l2Cameras } from './camera/v4l2-devices.ts';
import { defaultCameraConfig } from './config/camera-schema.ts';
import type { CameraConfig } from './config/config-schema.ts';

/** The camera that is taken where none is configured: the first that the kernel has, else the first on the CSI connector. */
export async function findCamera(): Promise<CameraConfig | null> {
  const [v4l2] = await findV4l2Cameras();
  if (v4l2 !== undefined) return defaultCameraConfig({ source: v4l2.devicePath, name: v4l2.name });
  const [rpicam] = await findRpicamCameras();
  return rpicam === undefined ? null : defaultCameraConfig(rpicam);
}
