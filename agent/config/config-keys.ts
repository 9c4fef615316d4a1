import type { z } from 'zod';
import { configSchema } from './config-schema.ts';

/** One setting, as the schema declares it. */
export interface ConfigKey {
  /** `['broker', 'topicPrefix']` */
  path: string[];
  /** `PORTHOLE_BROKER_TOPIC_PREFIX` */
  environmentName: string;
  description: string;
  kind: 'text' | 'number' | 'flag' | 'list';
  /** Absent where it depends on the machine, or where the setting may be left out. */
  defaultValue?: unknown;
}

interface Unwrapped {
  schema: z.core.$ZodType;
  description: string | undefined;
  defaultValue?: unknown;
}

/**
 * All settings that stand alone, in the order of the schema. A list counts as one setting; what is inside its entries has no
 * name of its own.
 */
export function listConfigKeys(): ConfigKey[] {
  return keysBelow(configSchema, []);
}

/** `broker.topicPrefix` -> `PORTHOLE_BROKER_TOPIC_PREFIX` */
export function environmentNameOf(path: readonly string[]): string {
  const words = path.map((part) => part.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase());
  return ['PORTHOLE', ...words].join('_');
}

function keysBelow(object: z.core.$ZodObject, path: string[]): ConfigKey[] {
  return Object.entries(object._zod.def.shape).flatMap(([name, wrapped]) => {
    const { schema, description = '', defaultValue } = unwrap(wrapped);
    const keyPath = [...path, name];
    if (isObject(schema)) return keysBelow(schema, keyPath);
    return [
      { path: keyPath, environmentName: environmentNameOf(keyPath), description, kind: kindOf(schema), defaultValue },
    ];
  });
}

// Optional, default and prefault wrap the schema that says what the value is; a transform follows it.
function unwrap(wrapped: z.core.$ZodType): Unwrapped {
  const schema = wrapped as z.core.$ZodTypes & { description?: string };
  const def = schema._zod.def;
  if (def.type === 'pipe') return { ...unwrap(def.in), description: schema.description };
  if (def.type !== 'optional' && def.type !== 'default' && def.type !== 'prefault') {
    return { schema, description: schema.description };
  }
  const inner = unwrap(def.innerType);
  const defaultValue = def.type === 'default' ? def.defaultValue : inner.defaultValue;
  return { schema: inner.schema, description: schema.description ?? inner.description, defaultValue };
}

function kindOf(schema: z.core.$ZodType): ConfigKey['kind'] {
  switch (schema._zod.def.type) {
    case 'number':
      return 'number';
    case 'boolean':
      return 'flag';
    case 'array':
    case 'tuple':
      return 'list';
    default:
      return 'text';
  }
}

function isObject(schema: z.core.$ZodType): schema is z.core.$ZodObject {
  return schema._zod.def.type === 'object';
}
