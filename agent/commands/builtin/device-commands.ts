import { z } from 'zod';
import { cameraInfoSchema } from '../../../protocol/messages.ts';
import { type Command, defineCommand } from '../command.ts';

const deviceReportSchema = z.object({
  name: z.string(),
  version: z.string(),
  model: z.string().optional(),
  os: z.string().optional(),
  kernel: z.string().optional(),
  architecture: z.string(),
  uptimeSeconds: z.number().optional(),
  load: z.object({ oneMinute: z.number(), fiveMinutes: z.number(), fifteenMinutes: z.number() }).optional(),
  memory: z.object({ totalBytes: z.number(), availableBytes: z.number() }).optional(),
  temperatures: z.array(z.object({ name: z.string(), celsius: z.number() })).optional(),
});
/** The device in words and figures; what it does not know is left out. */
export type DeviceReport = z.infer<typeof deviceReportSchema>;

export const deviceStatusSchema = z.object({
  deviceId: z.string(),
  name: z.string(),
  version: z.string(),
  uptimeSeconds: z.number().describe('Of the agent'),
  broker: z.object({
    url: z.string(),
    online: z.boolean(),
    reason: z.string().optional().describe('Why it is not online'),
  }),
  viewers: z.number().describe('Sessions that are open'),
  cameras: z.array(cameraInfoSchema),
});
/** What the agent is doing at this moment. */
export type DeviceStatus = z.infer<typeof deviceStatusSchema>;

export interface DevicePorts {
  clock: { nowMs(): number; wallClockMs(): number };
  deviceInfo(): Promise<DeviceReport>;
  deviceStatus(): Promise<DeviceStatus>;
  /** Reads the configuration again. @throws RpcError `unavailable` with what is wrong with it; nothing has changed then */
  reload(): Promise<{ applied: string[]; waiting: string[] }>;
}

export function buildDeviceCommands({ clock, deviceInfo, deviceStatus, reload }: DevicePorts): Command[] {
  return [
    defineCommand({
      name: 'device.ping',
      title: 'Ask whether the device is there',
      role: 'view',
      params: z.strictObject({}),
      result: z.object({
        nowMs: z.number().describe('Monotonic clock of the device'),
        wallClockMs: z.number().describe('Milliseconds since 1970 by the device, which may not know the time'),
      }),
      run: () => ({ nowMs: clock.nowMs(), wallClockMs: clock.wallClockMs() }),
    }),
    defineCommand({
      name: 'device.info',
      title: 'Model, system, load and temperature',
      role: 'view',
      params: z.strictObject({}),
      result: deviceReportSchema,
      run: () => deviceInfo(),
    }),
    defineCommand({
      name: 'device.status',
      title: 'What the agent is doing: broker, viewers, cameras',
      // The address of the broker is for those alone who look after the device.
      role: 'admin',
      params: z.strictObject({}),
      result: deviceStatusSchema,
      run: () => deviceStatus(),
    }),
    defineCommand({
      name: 'device.reload',
      title: 'Read the configuration again, and apply what can be applied',
      role: 'admin',
      params: z.strictObject({}),
      result: z.object({
        applied: z.array(z.string()).describe('Changed settings that count from now on'),
        waiting: z.array(z.string()).describe('Changed settings that take a restart'),
      }),
      run: () => reload(),
    }),
  ];
}
