import { chooseV4l2Format, listV4l2Formats, type V4l2Choice, type V4l2Format } from '../camera/v4l2-formats.ts';
import type { CameraConfig } from '../config/config-schema.ts';
import type { FfmpegProgram } from '../ffmpeg/find-ffmpeg.ts';
import { findCamera } from '../find-camera.ts';
import { type CameraSource, describeSource, parseCameraSource } from '../sources/camera-source.ts';
import { findCameraObstacle } from './camera-obstacle.ts';
import { adviseNoCamera, findHolder } from './device-access.ts';
import { type Finding, failed, ok, skipped, warning } from './finding.ts';
import type { ServiceAccess } from './service-access.ts';
import { takePicture } from './take-picture.ts';

export interface CameraCheckContext {
  /** Null when there is none that works: then the camera is looked for, but gives no picture. */
  ffmpeg: FfmpegProgram | null;
  /** It has the cameras; they are then looked for, and left alone. Null where that is not known. */
  isAgentRunning?: boolean | null;
  /** Judges in place of the rights of whoever looks. */
  service?: ServiceAccess | null;
  /** Ends the test picture early. */
  signal?: AbortSignal;
}

/** The cameras of the configuration, or the one that the agent would take. Never throws. */
export async function checkCameras(cameras: readonly CameraConfig[], context: CameraCheckContext): Promise<Finding[]> {
  if (cameras.length > 0) return (await Promise.all(cameras.map((camera) => checkCamera(camera, context)))).flat();
  const found = await findCamera();
  if (found) return checkCamera(found, context);
  return [warning('camera', 'There is no camera; viewers see the test pattern.', adviseNoCamera)];
}

/** One camera: whether it is there, may be opened, is free, and gives a picture through the agent's own input. Never throws. */
export async function checkCamera(camera: CameraConfig, context: CameraCheckContext): Promise<Finding[]> {
  const source = parseCameraSource(camera.source);
  if (!source.ok)
    return [
      failed('camera', `The source ${source.error}.`, `Correct the source of camera ${camera.id}.`, { id: camera.id }),
    ];
  const label = describeCamera(camera, source.value);
  const obstacle = await findCameraObstacle({ id: camera.id, label, source: source.value, service: context.service });
  if (obstacle) return [obstacle];
  const details = { id: camera.id };
  if (context.isAgentRunning && isExclusive(source.value)) {
    return [ok('camera', `${label} is there, and left to the agent that runs here.`, details)];
  }
  if (context.ffmpeg === null) return [skipped('camera', `${label} cannot be tried without ffmpeg.`)];
  const findings =
    source.value.kind === 'v4l2' ? await checkFormats(camera, source.value.devicePath, context.ffmpeg) : [];
  return [...findings, await checkPicture(camera, source.value, { ...context, ffmpeg: context.ffmpeg })];
}

async function checkFormats(camera: CameraConfig, devicePath: string, ffmpeg: FfmpegProgram): Promise<Finding[]> {
  const formats = await listV4l2Formats(ffmpeg.path, devicePath);
  const choice = chooseV4l2Format(formats, { ...camera, isPassthrough: camera.passthrough });
  const details = { id: camera.id, formats: formats.map(describeFormat), chosen: choice };
  if (choice) return [ok('camera-formats', `${devicePath}: ${describeChoice(choice, formats)}.`, details)];
  // Without a list the driver decides; with passthrough there is nothing to decide.
  return [];
}

function describeFormat({ name, sizes }: V4l2Format): string {
  return `${name} ${sizes.map(({ width, height }) => `${width[1]}x${height[1]}`).join(' ')}`;
}

function describeChoice(choice: V4l2Choice, formats: readonly V4l2Format[]): string {
  const others = formats.map(({ name }) => name).filter((name) => name !== choice.format);
  const rest = others.length > 0 ? ` (it also has ${others.join(', ')})` : '';
  return `${choice.format} ${choice.width}x${choice.height} is taken${rest}`;
}

async function checkPicture(
  camera: CameraConfig,
  source: CameraSource,
  context: CameraCheckContext & { ffmpeg: FfmpegProgram },
): Promise<Finding> {
  const label = describeCamera(camera, source);
  const picture = await takePicture({ camera, source, ffmpeg: context.ffmpeg, signal: context.signal });
  if (picture.ok) {
    const { durationMs } = picture.value;
    return ok('camera', `${label} gives a picture (after ${durationMs} ms).`, {
      id: camera.id,
      firstPictureMs: durationMs,
    });
  }
  const reason = picture.error;
  if (/busy/i.test(reason) && source.kind !== 'rtsp') {
    const holder = source.kind === 'v4l2' ? await findHolder(source.devicePath) : null;
    const message = `${label} is in use by another program${holder ? ` (${holder})` : ''}.`;
    const advice =
      context.isAgentRunning === null ? 'It may be the service: run this command with sudo.' : 'End that program.';
    return failed('camera', message, advice, { id: camera.id, fault: 'busy', reason });
  }
  return failed('camera', `${label} gives no picture: ${reason}.`, adviseNoPicture(source, reason), {
    id: camera.id,
    fault: 'no-picture',
    reason,
  });
}

function adviseNoPicture(source: CameraSource, reason: string): string {
  switch (source.kind) {
    case 'rtsp':
      return /401|unauthorized/i.test(reason)
        ? 'Correct user name and password in its URL.'
        : 'Check that the camera is switched on and that its URL opens in another player.';
    case 'v4l2':
      return 'Plug it out and in again, try another cable or port, and look at "dmesg".';
    case 'rpicam':
      return 'Check its ribbon cable, and what "rpicam-hello --list-cameras" says.';
    case 'file':
      return 'Give a file that ffmpeg can play.';
    case 'test':
      return 'Install a complete ffmpeg, such as that of Debian.';
  }
}

/** Whether it can be opened once only, or would lose pictures to a second reader. */
function isExclusive(source: CameraSource): boolean {
  return source.kind !== 'test' && source.kind !== 'rtsp';
}

function describeCamera(camera: CameraConfig, source: CameraSource): string {
  const what = describeSource(source);
  return camera.name === what ? what : `${camera.name} (${what})`;
}
