import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type Command, defineCommand } from '../../../../agent/commands/command.ts';
import { CommandRegistry } from '../../../../agent/commands/command-registry.ts';

function command(options: Partial<Command>): Command {
  return {
    name: 'a.b',
    title: 'T',
    role: 'view',
    params: z.strictObject({}),
    result: z.null(),
    run: () => null,
    ...options,
  };
}

describe('CommandRegistry', () => {
  it('describes what a role may call, with JSON Schema', () => {
    const registry = new CommandRegistry();
    registry.add(command({ name: 'z.last', role: 'admin' }));
    registry.add(
      defineCommand({
        name: 'camera.zoom',
        title: 'Zoom',
        role: 'control',
        perMinute: 30,
        params: z.strictObject({ factor: z.number().min(1).max(8).default(1).describe('How much') }),
        result: z.object({ factor: z.number() }),
        run: ({ factor }) => ({ factor }),
      }),
    );
    expect(registry.discover('view')).toEqual([]);
    expect(registry.discover('control')).toEqual([
      {
        name: 'camera.zoom',
        title: 'Zoom',
        role: 'control',
        perMinute: 30,
        params: {
          type: 'object',
          properties: { factor: { type: 'number', minimum: 1, maximum: 8, default: 1, description: 'How much' } },
          additionalProperties: false,
        },
        result: {
          type: 'object',
          properties: { factor: { type: 'number' } },
          required: ['factor'],
          additionalProperties: false,
        },
      },
    ]);
    expect(registry.discover('admin').map(({ name }) => name)).toEqual(['camera.zoom', 'z.last']);
  });

  it('refuses a second command of the same name', () => {
    const registry = new CommandRegistry();
    registry.add(command({}));
    expect(() => registry.add(command({}))).toThrow('two commands of the name a.b');
  });

  it.each(['', 'ping', 'Device.ping', 'device.', 'device ping.x', `a.${'b'.repeat(63)}`])(
    'refuses the name "%s"',
    (name) => {
      expect(() => new CommandRegistry().add(command({ name }))).toThrow('not a command name');
    },
  );

  it('finds a schema that viewers could not be shown when the command is added', () => {
    expect(() => new CommandRegistry().add(command({ params: z.object({ at: z.date() }) }))).toThrow();
  });
});
