import { z } from 'zod';
import type { CommandDescription } from '../../protocol/rpc.ts';

const commandSchema: z.ZodType<CommandDescription> = z.object({
  name: z.string().min(1).max(64),
  title: z.string().max(200),
  role: z.string(),
  params: z.record(z.string(), z.unknown()),
  result: z.record(z.string(), z.unknown()),
  perMinute: z.number().optional(),
});

const discoverResultSchema = z.object({ commands: z.array(z.unknown()) });

/** The commands in the result of `rpc.discover`, by name, without that one itself. Entries that make no sense are left out. */
export function parseCommands(result: unknown): CommandDescription[] {
  const list = discoverResultSchema.safeParse(result);
  if (!list.success) return [];
  return list.data.commands
    .map((entry) => commandSchema.safeParse(entry))
    .flatMap((command) => (command.success ? [command.data] : []))
    .filter((command) => command.name !== 'rpc.discover')
    .sort((one, other) => one.name.localeCompare(other.name));
}
