import { z } from 'zod';
import { type Role, roleAllows } from '../../protocol/roles.ts';
import type { CommandDescription } from '../../protocol/rpc.ts';
import type { Command } from './command.ts';

const namePattern = /^[a-z][a-zA-Z0-9]*(\.[a-z][a-zA-Z0-9]*)+$/;
const nameMaxLength = 64;

/** All commands of the device by name. */
export class CommandRegistry {
  private readonly commands = new Map<string, { command: Command; description: CommandDescription }>();

  /** @throws Error when the name is taken or malformed, or a schema cannot be shown to viewers: found at start, not by a viewer */
  add(command: Command): void {
    if (!namePattern.test(command.name) || command.name.length > nameMaxLength) {
      throw new Error(`"${command.name}" is not a command name of the form group.verb`);
    }
    if (this.commands.has(command.name)) throw new Error(`There are two commands of the name ${command.name}`);
    this.commands.set(command.name, { command, description: buildDescription(command) });
  }

  get(name: string): Command | undefined {
    return this.commands.get(name)?.command;
  }

  /** What somebody of this role may call, by name. */
  discover(role: Role): CommandDescription[] {
    return [...this.commands.values()]
      .filter(({ command }) => roleAllows(role, command.role))
      .map(({ description }) => description)
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}

function buildDescription(command: Command): CommandDescription {
  return {
    name: command.name,
    title: command.title,
    role: command.role,
    params: buildJsonSchema(command.params, 'input'),
    result: buildJsonSchema(command.result, 'output'),
    perMinute: command.perMinute,
  };
}

function buildJsonSchema(schema: z.ZodType, io: 'input' | 'output'): Record<string, unknown> {
  // The dialect is part of the protocol, and the same for all.
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io });
  return rest;
}
