import { loadDeviceKeys } from '../../agent/access/device-keys.ts';
import { findRpicamCameras } from '../../agent/camera/rpicam-cameras.ts';
import { findV4l2Cameras } from '../../agent/camera/v4l2-devices.ts';
import { listV4l2Formats, type V4l2Format } from '../../agent/camera/v4l2-formats.ts';
import type { AgentConfig } from '../../agent/config/config-schema.ts';
import { checkAgent } from '../../agent/doctor/check-agent.ts';
import { checkBroker } from '../../agent/doctor/check-broker.ts';
import { checkCamera } from '../../agent/doctor/check-cameras.ts';
import { checkFfmpeg } from '../../agent/doctor/check-ffmpeg.ts';
import { checkLinks } from '../../agent/doctor/check-links.ts';
import { findServiceAccess } from '../../agent/doctor/service-access.ts';
import { deriveId } from '../../protocol/identity.ts';
import { loadServiceKeys } from '../service/service-key.ts';
import type { FoundCamera, SetupChecks } from './setup-checks.ts';

export interface AgentChecksOptions {
  current: AgentConfig;
  /** Value of PATH, to find ffmpeg. */
  searchPath: string;
  /** Where a service keeps the device key; null for an agent of this user. */
  serviceStateDir: string | null;
  /** Where an agent may have its socket, beside the runtime folder of the configuration. */
  runtimeDirs: readonly string[];
}

/** The checks of `porthole doctor`, on answers in place of a configuration. */
export async function buildAgentChecks(
  options: AgentChecksOptions,
): Promise<SetupChecks & { deviceId: string | null }> {
  const { current, searchPath, serviceStateDir } = options;
  const [{ ffmpeg }, { isRunning: isAgentRunning, status }, deviceId, service] = await Promise.all([
    checkFfmpeg(current.ffmpeg, searchPath),
    checkAgent([current.runtimeDir, ...options.runtimeDirs]),
    readDeviceId(options),
    serviceStateDir === null ? null : findServiceAccess(),
  ]);
  // At another broker, or while it is offline, it has no status that could be read or that a check would spoil.
  const isAgentAt = (url: string) =>
    isAgentRunning === true && (!status || (status.broker.online && status.broker.url === url));
  return {
    deviceId,
    broker: ({ broker }) => checkBroker(broker, { deviceId, isAgentRunning: isAgentAt(broker.url) }),
    async links({ broker, links }) {
      const context = { deviceId, isAgentRunning: isAgentAt(broker.url), browserUrl: links.brokerUrl };
      const [linkFindings, brokerFindings] = await Promise.all([checkLinks(links), checkBroker(broker, context)]);
      return [...linkFindings, ...brokerFindings];
    },
    camera: (camera) => checkCamera(camera, { ffmpeg, isAgentRunning, service }),
    listCameras: () => listCameras(ffmpeg?.path ?? null),
  };
}

/**
 * In the order in which the agent would take them.
 *
 * @param ffmpegPath null where there is none, which tells what a device delivers
 * @param find looks for the cameras; others in tests
 */
export async function listCameras(
  ffmpegPath: string | null,
  { findV4l2, findRpicam } = { findV4l2: findV4l2Cameras, findRpicam: findRpicamCameras },
): Promise<FoundCamera[]> {
  const [v4l2, rpicam] = await Promise.all([findV4l2(), findRpicam()]);
  const devices = v4l2.map(async ({ devicePath, name }) => ({
    source: devicePath,
    name,
    formats: ffmpegPath === null ? '' : describeFormats(await listV4l2Formats(ffmpegPath, devicePath)),
  }));
  return [...(await Promise.all(devices)), ...rpicam.map((camera) => ({ ...camera, formats: '' }))];
}

/** Null where there is no service yet, or no key that could be read. */
async function readDeviceId({ current, serviceStateDir }: AgentChecksOptions): Promise<string | null> {
  try {
    const keys = await (serviceStateDir === null ? loadDeviceKeys(current.stateDir) : loadServiceKeys(serviceStateDir));
    return deriveId(keys.publicKey);
  } catch {
    return null;
  }
}

/** `mjpeg up to 1920x1080, yuyv422 up to 640x480` */
export function describeFormats(formats: readonly V4l2Format[]): string {
  return formats
    .map(({ name, sizes }) => {
      const [largest] = sizes
        .map(({ width, height }) => ({ width: width[1], height: height[1] }))
        .sort((a, b) => b.width * b.height - a.width * a.height);
      return largest ? `${name} up to ${largest.width}x${largest.height}` : name;
    })
    .join(', ');
}
