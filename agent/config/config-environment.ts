import { parse } from 'yaml';
import { type ConfigKey, environmentNameOf, listConfigKeys } from './config-keys.ts';
import type { ConfigLayer } from './config-layer.ts';
import type { ConfigProblem } from './config-problem.ts';
import { nearestName, noSuchSetting } from './nearest-setting.ts';

export type Environment = Readonly<Record<string, string | undefined>>;

/** Names the configuration file. */
export const configFileVariable = 'PORTHOLE_CONFIG';

/**
 * Reads `PORTHOLE_*` as a layer. An unknown name is a problem, because it is most often a typing error that would silently do
 * nothing. An empty value counts as not set.
 */
export function readConfigEnvironment(env: Environment): { layer: ConfigLayer; problems: ConfigProblem[] } {
  const ours = Object.entries(env).filter(([name]) => isOurs(name));
  // The list of all settings takes a small device a while, and most are started without such a variable.
  const keys = new Map(ours.length > 0 ? environmentKeys() : []);
  const values: Record<string, unknown> = {};
  const problems: ConfigProblem[] = [];
  for (const [name, text] of ours) {
    const key = keys.get(name);
    if (!key) problems.push({ path: '', origin: name, message: noSuchSetting(nearestName(name, keys.keys())) });
    else if (text) setAt(values, key.path, parseText(key.kind, text));
  }
  return { layer: { values, locate: (path) => locate(keys, path) }, problems };
}

function environmentKeys(): [string, ConfigKey][] {
  return listConfigKeys().flatMap((key) => (key.environmentName === undefined ? [] : [[key.environmentName, key]]));
}

function isOurs(name: string): boolean {
  return name.startsWith('PORTHOLE_') && name !== configFileVariable && !name.startsWith('PORTHOLE_TEST_');
}

// What does not parse is handed on as it is: the schema then says what it should have been.
function parseText(kind: ConfigKey['kind'], text: string): unknown {
  switch (kind) {
    case 'number':
      return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
    case 'flag':
      return text === 'true' ? true : text === 'false' ? false : text;
    case 'list':
      return parseList(text);
    default:
      return text;
  }
}

// A YAML flow sequence, whose brackets may be left out: "stun:a:1, stun:b:2" or "[{source: test}]".
function parseList(text: string): unknown {
  try {
    return parse(text.trimStart().startsWith('[') ? text : `[${text}]`);
  } catch {
    return text;
  }
}

function setAt(values: Record<string, unknown>, path: readonly string[], value: unknown): void {
  const parents = path.slice(0, -1);
  const last = path.at(-1);
  let object = values;
  for (const part of parents) {
    object[part] ??= {};
    object = object[part] as Record<string, unknown>;
  }
  if (last !== undefined) object[last] = value;
}

// The entry of a list has the name of the list.
function locate(keys: ReadonlyMap<string, ConfigKey>, path: readonly PropertyKey[]): string {
  for (let length = path.length; length > 0; length -= 1) {
    const name = environmentNameOf(path.slice(0, length).map(String));
    if (keys.has(name)) return name;
  }
  return 'environment';
}
