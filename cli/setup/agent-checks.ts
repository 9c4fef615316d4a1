import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { loadDeviceKeys } from '../../agent/access/device-keys.ts';
import { findV4l2Cameras } from '../../agent/camera/v4l2-devices.ts';
import { listV4l2Formats, type V4l2Format } from '../../agent/camera/v4l2-formats.ts';
import type { AgentConfig } from '../../agent/config/config-schema.ts';
import { checkAgent } from '../../agent/doctor/check-agent.ts';
import { checkBroker } from '../../agent/doctor/check-broker.ts';
import { checkCamera } from '../../agent/doctor/check-cameras.ts';
import { checkFfmpeg } from '../../agent/doctor/check-ffmpeg.ts';
import { checkLinks } from '../../agent/doctor/check-links.ts';
import { deriveId } from '../../protocol/identity.ts';
import type { SetupChecks } from './setup-checks.ts';

export interface AgentChecksOptions {
  current: AgentConfig;
  /** Value of PATH, to find ffmpeg. */
  searchPath: string;
  /** Where a service keeps the device key, which is not for us to make; null for an agent of this user. */
  serviceStateDir: string | null;
  /** Where an agent may have its socket, beside the runtime folder of the configuration. */
  runtimeDirs: readonly string[];
}

/** The checks of `porthole doctor`, on answers in place of a configuration. */
export async function buildAgentChecks(
  options: AgentChecksOptions,
): Promise<SetupChecks & { deviceId: string | null }> {
  const { current, searchPath } = options;
  const [{ ffmpeg }, { isRunning: isAgentRunning }, deviceId] = await Promise.all([
    checkFfmpeg(current.ffmpeg, searchPath),
    checkAgent([current.runtimeDir, ...options.runtimeDirs]),
    readDeviceId(options),
  ]);
  return {
    deviceId,
    broker: ({ broker }) => checkBroker(broker, { deviceId, isAgentRunning }),
    async links({ broker, links }) {
      const context = { deviceId, isAgentRunning, browserUrl: links.brokerUrl };
      const [linkFindings, brokerFindings] = await Promise.all([checkLinks(links), checkBroker(broker, context)]);
      return [...linkFindings, ...brokerFindings];
    },
    camera: (camera) => checkCamera(camera, { ffmpeg, isAgentRunning }),
    async listCameras() {
      const cameras = await findV4l2Cameras();
      return Promise.all(
        cameras.map(async ({ devicePath, name }) => ({
          source: devicePath,
          name,
          formats: ffmpeg ? describeFormats(await listV4l2Formats(ffmpeg.path, devicePath)) : '',
        })),
      );
    },
  };
}

/** The rights at the broker often go by it, so it is made here already where the agent of this user would make it. */
async function readDeviceId({ current, serviceStateDir }: AgentChecksOptions): Promise<string | null> {
  if (serviceStateDir !== null && !existsSync(join(serviceStateDir, 'device.key'))) return null;
  const keys = await loadDeviceKeys(serviceStateDir ?? current.stateDir).catch(() => null);
  return keys && deriveId(keys.publicKey);
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
