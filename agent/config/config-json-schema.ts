import { z } from 'zod';
import { configSchema } from './config-schema.ts';

/** The parts of a JSON Schema (draft 7) that our settings use. */
export interface JsonSchema {
  title?: string;
  description?: string;
  type?: string | string[];
  enum?: string[];
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema | JsonSchema[];
  minimum?: number;
  maximum?: number;
  maxItems?: number;
  maxLength?: number;
  default?: unknown;
  examples?: unknown[];
  /** An annotation of ours: the unit of a number. */
  unit?: string;
}

let built: JsonSchema | undefined;

/** The JSON Schema of a configuration file, for editors: draft 7, which yaml-language-server reads. Made once. */
export function configJsonSchema(): JsonSchema {
  built ??= buildConfigJsonSchema();
  return built;
}

function buildConfigJsonSchema(): JsonSchema {
  const schema = z.toJSONSchema(configSchema, { target: 'draft-7', io: 'input' }) as JsonSchema;
  // Nothing is required of a file: the machine knows a name and folders.
  const { required: _, ...rest } = withEmptySections(schema);
  return { ...rest, title: 'Configuration of the Porthole agent' };
}

/** Lets "broker:" stand with nothing below it, as it does in the example file: it says nothing then. */
function withEmptySections(object: JsonSchema): JsonSchema {
  const properties = Object.entries(object.properties ?? {}).map(([name, schema]): [string, JsonSchema] => {
    const { default: _, ...section } = schema;
    if (schema.properties) return [name, { ...withEmptySections(section), type: ['object', 'null'] }];
    const isListOfObjects = schema.items && !Array.isArray(schema.items) && schema.items.properties;
    return [name, isListOfObjects ? { ...schema, type: ['array', 'null'] } : schema];
  });
  return { ...object, properties: Object.fromEntries(properties) };
}
