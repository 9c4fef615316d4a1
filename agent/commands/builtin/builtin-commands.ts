import { z } from 'zod';
import type { Role } from '../../../protocol/roles.ts';
import type { CommandDescription } from '../../../protocol/rpc.ts';
import { type Command, defineCommand } from '../command.ts';
import { type AccessPorts, buildAccessCommands } from './access-commands.ts';
import { buildCameraCommands, type Cameras } from './camera-commands.ts';
import { buildDeviceCommands, type DevicePorts } from './device-commands.ts';
import { buildSessionCommands, type SessionPorts } from './session-commands.ts';

export interface BuiltinPorts extends DevicePorts, AccessPorts, SessionPorts {
  registry: { discover(role: Role): CommandDescription[] };
  cameras: Cameras;
}

/** The commands of a device, those that take sound only where it has some. */
export function buildBuiltinCommands(ports: BuiltinPorts): Command[] {
  return [
    buildDiscover(ports),
    ...buildDeviceCommands(ports),
    ...buildCameraCommands(ports),
    ...buildSessionCommands(ports),
    ...buildAccessCommands(ports),
  ];
}

function buildDiscover({ registry }: BuiltinPorts): Command {
  const jsonSchema = z.record(z.string(), z.unknown());
  return defineCommand({
    name: 'rpc.discover',
    title: 'The commands that you may call',
    role: 'view',
    params: z.strictObject({}),
    result: z.object({
      commands: z.array(
        z.object({
          name: z.string(),
          title: z.string(),
          role: z.string(),
          params: jsonSchema,
          result: jsonSchema,
          perMinute: z.number().optional(),
        }),
      ),
    }),
    run: (_params, { role }) => ({ commands: registry.discover(role) }),
  });
}
