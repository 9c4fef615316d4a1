import { configJsonSchema, type JsonSchema } from './config-json-schema.ts';

/** One setting, as the schema declares it. */
export interface ConfigKey {
  /** `['broker', 'topicPrefix']`; `['cameras', '*', 'fps']` in the entries of a list. */
  path: string[];
  /** `PORTHOLE_BROKER_TOPIC_PREFIX`. What is inside the entries of a list has no name of its own. */
  environmentName?: string;
  description: string;
  kind: 'text' | 'number' | 'flag' | 'list';
  /** What the schema says of its values. */
  schema: JsonSchema;
  /** Absent where it depends on the machine, or where the setting may be left out. */
  defaultValue?: unknown;
  /** A value other than the default. */
  example?: unknown;
  isRequired: boolean;
}

/** Settings that belong together, and are written below one key. */
export interface ConfigSection {
  path: string[];
  description: string;
}

/** All settings in the order of the schema, those of list entries after their list. */
export function listConfigKeys(): ConfigKey[] {
  return keysBelow(configJsonSchema(), []);
}

/** All keys that hold other keys in place of a value, in the order of the schema. */
export function listConfigSections(): ConfigSection[] {
  return sectionsBelow(configJsonSchema(), []);
}

/** `broker.topicPrefix` -> `PORTHOLE_BROKER_TOPIC_PREFIX` */
export function environmentNameOf(path: readonly string[]): string {
  const words = path.map((part) => part.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase());
  return ['PORTHOLE', ...words].join('_');
}

function keysBelow(object: JsonSchema, path: readonly string[]): ConfigKey[] {
  return Object.entries(object.properties ?? {}).flatMap(([name, schema]) => {
    const keyPath = [...path, name];
    if (schema.properties) return keysBelow(schema, keyPath);
    const entry = schema.items;
    const entryKeys = entry && !Array.isArray(entry) ? keysBelow(entry, [...keyPath, '*']) : [];
    return [buildKey(keyPath, schema, object.required?.includes(name) ?? false), ...entryKeys];
  });
}

function buildKey(path: string[], schema: JsonSchema, isRequired: boolean): ConfigKey {
  return {
    path,
    ...(path.includes('*') ? {} : { environmentName: environmentNameOf(path) }),
    description: schema.description ?? '',
    kind: kindOf(schema),
    schema,
    defaultValue: schema.default,
    example: schema.examples?.[0],
    isRequired,
  };
}

function sectionsBelow(object: JsonSchema, path: readonly string[]): ConfigSection[] {
  return Object.entries(object.properties ?? {}).flatMap(([name, schema]) => {
    if (!schema.properties) return [];
    const sectionPath = [...path, name];
    return [{ path: sectionPath, description: schema.description ?? '' }, ...sectionsBelow(schema, sectionPath)];
  });
}

function kindOf({ type }: JsonSchema): ConfigKey['kind'] {
  const [name] = [type].flat();
  switch (name) {
    case 'integer':
    case 'number':
      return 'number';
    case 'boolean':
      return 'flag';
    case 'array':
      return 'list';
    default:
      return 'text';
  }
}
