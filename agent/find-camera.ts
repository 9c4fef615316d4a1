import { findRpicamCameras } from './camera/rpicam-cameras.ts';
import { findV4l2Cameras } from './camera/v4l2-devices.ts';
import { defaultCameraConfig } from './config/camera-schema.ts';
import type { CameraConfig } from './config/config-schema.ts';

/** The camera that is taken where none is configured: the first that the kernel has, else the first on the CSI connector. */
export async function findCamera(): Promise<CameraConfig | null> {
  const v4l2 = await findPluggedCamera();
  if (v4l2 !== null) return v4l2;
  const [rpicam] = await findRpicamCameras();
  return rpicam === undefined ? null : defaultCameraConfig(rpicam);
}

/** The same of those that can come while everything runs; nobody plugs anything into the CSI connector then. */
export async function findPluggedCamera(): Promise<CameraConfig | null> {
  const [v4l2] = await findV4l2Cameras();
  return v4l2 === undefined ? null : defaultCameraConfig({ source: v4l2.devicePath, name: v4l2.name });
}
