import { stringify } from 'yaml';
import { configJsonSchema, type JsonSchema } from '../../agent/config/config-json-schema.ts';

const head = `# yaml-language-server: $schema=/usr/share/porthole/porthole.schema.json
#
# Configuration of the Porthole agent. As it stands it says nothing: everything has its default.
#
# A line of the form "#name: value" is a setting: remove the # to set it. What stands there is the default, or an example
# where there is none. "porthole setup" asks for the few that matter; "porthole doctor" checks what you have set;
# /usr/share/doc/porthole/docs/configuration.md explains it all. After a change: systemctl reload porthole
`;

const lineMaxLength = 118;

/** Refused beside passwordFile and secretFile, which are the better place. */
const leftOut = new Set(['broker.password', 'ice.turn.secret']);

/**
 * A configuration with every setting as a comment. It is valid, and equal to an empty one, as it is and with all comments
 * removed; and it is valid with every setting in force.
 */
export function buildConfigExample(): string {
  return `${head}\n${writeProperties(configJsonSchema(), [])}`;
}

function writeProperties(object: JsonSchema, path: readonly string[]): string {
  return Object.entries(object.properties ?? {})
    .map(([name, schema]) => writeSetting(name, schema, path))
    .filter(Boolean)
    .join('\n');
}

function writeSetting(name: string, schema: JsonSchema, parent: readonly string[]): string {
  const path = [...parent, name];
  if (leftOut.has(path.join('.'))) return '';
  const indent = '  '.repeat(parent.length);
  const comment = writeComment(describe(schema), indent);
  if (schema.properties) return `${comment}${indent}${name}:\n${writeProperties(schema, path)}`;
  if (isListOfObjects(schema)) return `${comment}${indent}${name}:\n${writeEntry(schema.items, `${indent}  `)}`;
  return `${comment}${indent}#${name}: ${writeValue(schema)}\n`;
}

/** The first entry of a list; each of its settings is a comment of its own, what it must have comes first. */
function writeEntry(entry: JsonSchema, indent: string): string {
  const properties = Object.entries(entry.properties ?? {});
  const isRequired = ([name]: [string, JsonSchema]) => entry.required?.includes(name) ?? false;
  const ordered = [...properties.filter(isRequired), ...properties.filter((property) => !isRequired(property))];
  return ordered
    .map(([name, schema], index) => {
      const [inner, dash] = index === 0 ? [indent, '- '] : [`${indent}  `, ''];
      return `${writeComment(describe(schema), inner)}${inner}#${dash}${name}: ${writeValue(schema)}\n`;
    })
    .join('');
}

function describe({ description = '', minimum, maximum }: JsonSchema): string {
  return minimum === undefined ? description : `${description} ${minimum} to ${maximum}.`;
}

function writeComment(text: string, indent: string): string {
  const lines = [''];
  for (const word of text.split(' ')) {
    const line = `${lines.at(-1)} ${word}`;
    if (indent.length + 1 + line.length > lineMaxLength) lines.push(` ${word}`);
    else lines[lines.length - 1] = line;
  }
  return lines.map((line) => `${indent}#${line}\n`).join('');
}

function writeValue({ default: standard, examples }: JsonSchema): string {
  const value = standard ?? examples?.[0];
  return Array.isArray(value)
    ? JSON.stringify(value).replaceAll(',', ', ')
    : stringify(value, { lineWidth: 0 }).trimEnd();
}

function isListOfObjects(schema: JsonSchema): schema is JsonSchema & { items: JsonSchema } {
  return schema.items !== undefined && !Array.isArray(schema.items) && schema.items.properties !== undefined;
}
