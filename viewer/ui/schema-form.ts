/** What a person may enter in one field. `union` takes the first alternative that the text fits. */
export type FieldType =
  | { kind: 'text'; minLength?: number; maxLength?: number }
  | { kind: 'number'; isInteger: boolean; min?: number; max?: number }
  | { kind: 'boolean' }
  | { kind: 'choice'; choices: readonly Scalar[] }
  | { kind: 'union'; alternatives: readonly FieldType[] }
  | { kind: 'json' };

export type Scalar = string | number | boolean | null;

export interface FormField {
  name: string;
  label: string;
  description?: string;
  isRequired: boolean;
  type: FieldType;
  /** What the field holds at first, as text. */
  initial: string;
}

type Schema = Record<string, unknown>;

/**
 * Builds the fields of a form from the JSON Schema (draft 2020-12) of a command's parameters. What has no field of its own, such as
 * nested objects and lists, is entered as JSON text. The device checks everything again; the form only helps.
 */
export function buildFields(schema: Schema): FormField[] {
  const properties = asSchema(schema.properties);
  const required = new Set(Array.isArray(schema.required) ? schema.required : []);
  return Object.entries(properties).map(([name, value]) => {
    const property = asSchema(value);
    const type = buildType(property);
    const hasDefault = property.default !== undefined;
    return {
      name,
      label: asText(property.title) ?? buildLabel(name),
      description: asText(property.description),
      isRequired: required.has(name) && !hasDefault,
      type,
      initial: hasDefault ? textOf(type, property.default) : '',
    };
  });
}

/** "ttlMinutes" becomes "Ttl minutes". */
export function buildLabel(name: string): string {
  const words = name
    .replace(/[_-]+/g, ' ')
    .replace(/([a-z\d])([A-Z])/g, (_, before, after) => `${before} ${after.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function buildType(schema: Schema): FieldType {
  const choices = readChoices(schema);
  if (choices) return { kind: 'choice', choices };
  const alternatives = readAlternatives(schema);
  if (alternatives) return buildUnion(alternatives.map((alternative) => buildType(asSchema(alternative))));
  switch (schema.type) {
    case 'string':
      return { kind: 'text', minLength: asNumber(schema.minLength), maxLength: asNumber(schema.maxLength) };
    case 'integer':
    case 'number':
      return {
        kind: 'number',
        isInteger: schema.type === 'integer',
        min: readBound(schema.minimum),
        max: readBound(schema.maximum),
      };
    case 'boolean':
      return { kind: 'boolean' };
    case 'null':
      return { kind: 'choice', choices: [null] };
    default:
      return { kind: 'json' };
  }
}

/** Only alternatives that are told apart by their text alone make a field; others are JSON. Plain text fits all and comes last. */
function buildUnion(alternatives: FieldType[]): FieldType {
  if (alternatives.some((type) => type.kind === 'json' || type.kind === 'union')) return { kind: 'json' };
  if (alternatives.every((type) => type.kind === 'choice')) {
    return { kind: 'choice', choices: alternatives.flatMap((type) => type.choices) };
  }
  const isText = (type: FieldType) => type.kind === 'text';
  return {
    kind: 'union',
    alternatives: [...alternatives.filter((type) => !isText(type)), ...alternatives.filter(isText)],
  };
}

function readChoices(schema: Schema): Scalar[] | null {
  const values = Array.isArray(schema.enum) ? schema.enum : 'const' in schema ? [schema.const] : [];
  return values.length > 0 && values.every(isScalar) ? values : null;
}

/** `anyOf`, or several types in one schema, as in `{"type": ["string", "null"]}`. */
function readAlternatives(schema: Schema): unknown[] | null {
  if (Array.isArray(schema.type)) return schema.type.map((type) => ({ ...schema, type }));
  const alternatives = schema.anyOf ?? schema.oneOf;
  return Array.isArray(alternatives) ? alternatives : null;
}

/** A generator writes the bounds of safe integers where the author named none; they help nobody. */
function readBound(value: unknown): number | undefined {
  const bound = asNumber(value);
  return bound !== undefined && Math.abs(bound) < Number.MAX_SAFE_INTEGER ? bound : undefined;
}

function textOf(type: FieldType, value: unknown): string {
  return type.kind === 'json' || !isScalar(value) ? JSON.stringify(value) : String(value);
}

function isScalar(value: unknown): value is Scalar {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}

function asSchema(value: unknown): Schema {
  return typeof value === 'object' && value !== null ? (value as Schema) : {};
}

function asText(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function asNumber(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}
