/** Settings from one place: the file, the environment or the command line. A later layer wins over an earlier one. */
export interface ConfigLayer {
  /** Nested like the configuration itself. */
  values: Record<string, unknown>;
  /** Where in this layer a setting stands, for people: `porthole.yaml:12`, `PORTHOLE_NAME`. */
  locate(path: readonly PropertyKey[]): string;
}

/** Puts layers over one another. Objects are merged, everything else (lists too) is replaced, and undefined says nothing. */
export function mergeLayers(layers: readonly ConfigLayer[]): Record<string, unknown> {
  return layers.reduce((merged, layer) => merge(merged, layer.values), Object.create(null) as Record<string, unknown>);
}

/** Names the place that the value at `path` came from, or of what surrounds it when it is not there at all. */
export function locateSetting(layers: readonly ConfigLayer[], path: readonly PropertyKey[]): string {
  for (let length = path.length; length > 0; length -= 1) {
    const start = path.slice(0, length);
    const layer = layers.findLast((candidate) => valueAt(candidate.values, start) !== undefined);
    if (layer) return layer.locate(start);
  }
  return 'configuration';
}

// Without a prototype, so that a key called __proto__ is one like any other and gets refused as unknown.
function merge(lower: Record<string, unknown>, upper: Record<string, unknown>): Record<string, unknown> {
  const merged: Record<string, unknown> = Object.assign(Object.create(null), lower);
  for (const [key, value] of Object.entries(upper)) {
    if (value === undefined) continue;
    merged[key] = isPlainObject(value) ? merge(asObject(merged[key]), value) : value;
  }
  return merged;
}

function valueAt(values: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((value, key) => {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return undefined;
    return (value as Record<PropertyKey, unknown>)[key];
  }, values);
}

function asObject(value: unknown): Record<string, unknown> {
  return isPlainObject(value) ? value : {};
}

export function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
