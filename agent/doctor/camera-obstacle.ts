import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { findV4l2Cameras } from '../camera/v4l2-devices.ts';
import type { CameraSource } from '../sources/camera-source.ts';
import { adviseServiceAccess, userName } from './device-access.ts';
import { type Finding, failed } from './finding.ts';
import type { ServiceAccess } from './service-access.ts';

export interface CameraSubject {
  id: string;
  /** What it is called, for people. */
  label: string;
  source: CameraSource;
  /** Judges a device or a file in place of the rights of whoever looks. */
  service?: ServiceAccess | null;
}

/** Why there is nothing to open, if so. Never throws. */
export async function findCameraObstacle({ id, label, source, service }: CameraSubject): Promise<Finding | null> {
  const path = source.kind === 'v4l2' ? source.devicePath : source.kind === 'file' ? source.path : null;
  if (path === null) return null;
  const isDevice = source.kind === 'v4l2';
  const details = { id, path };
  try {
    const stats = await stat(path);
    if (isDevice ? !stats.isCharacterDevice() : stats.isDirectory()) {
      const message = `${path} is no ${isDevice ? 'video device' : 'file, but a folder'}.`;
      return failed('camera', message, `Correct the source of camera ${id}.`, { ...details, fault: 'source' });
    }
    if (isDevice && service && !(await service.mayOpen(path))) {
      const advice = adviseServiceAccess('video');
      return failed('camera', `The service may not open ${path}.`, advice, { ...details, fault: 'permission' });
    }
    const unreadable = isDevice ? null : await service?.findObstacle(path);
    if (unreadable) {
      const { verb, advice } = unreadable;
      return failed('camera', `The service ${verb} ${path}.`, advice, { ...details, fault: 'permission' });
    }
    await access(path, isDevice ? constants.R_OK | constants.W_OK : constants.R_OK);
    return null;
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'EACCES' || code === 'EPERM') {
      const advice = isDevice
        ? `Run "sudo usermod -aG video ${userName()}" and log in again; for the service, run this command with sudo.`
        : `Let this user read it: "chmod o+r ${path}".`;
      return failed('camera', `The user ${userName()} may not open ${path}.`, advice, {
        ...details,
        fault: 'permission',
      });
    }
    const advice = isDevice ? await adviseDevice() : `Put the file there, or correct the source of camera ${id}.`;
    return failed('camera', `${label} is not there.`, advice, { ...details, fault: 'missing' });
  }
}

async function adviseDevice(): Promise<string> {
  const found = await findV4l2Cameras();
  if (found.length === 0) return 'Plug the camera in; "lsusb" and "dmesg" show whether the system sees it.';
  const names = found.map(({ devicePath, name }) => `${devicePath} (${name})`).join(', ');
  return `Plug it in, or set another one that is there: ${names}.`;
}
