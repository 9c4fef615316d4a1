import { listConfigKeys } from './config-keys.ts';

/** @param suggestion what was probably meant */
export function noSuchSetting(suggestion: string | null): string {
  return `there is no such setting${suggestion === null ? '' : `; did you mean ${suggestion}?`}`;
}

/**
 * What somebody probably meant who wrote a setting that does not exist: the most similar key of the same place, else the key
 * of this very name in another place.
 *
 * @param path of the wrong key
 */
export function suggestSetting(path: readonly PropertyKey[]): string | null {
  const parent = path.slice(0, -1).map((part) => (typeof part === 'number' ? '*' : String(part)));
  const wrong = String(path.at(-1));
  const paths = listConfigKeys().map((key) => key.path);
  const siblings = paths.filter((other) => parent.every((part, index) => part === other[index]));
  const nearest = nearestName(wrong, new Set(siblings.flatMap((other) => other[parent.length] ?? [])));
  if (nearest !== null) return nearest;
  const elsewhere = paths.find((other) => other.at(-1) === wrong);
  return elsewhere?.join('.').replaceAll('.*', '[]') ?? null;
}

/** The name that differs least from a wrong one; null when each differs too much to be a typing error. */
export function nearestName(wrong: string, names: Iterable<string>): string | null {
  const distanceMax = Math.max(1, Math.floor(wrong.length / 3));
  const [nearest] = [...names]
    .map((name) => ({ name, distance: editDistance(wrong.toLowerCase(), name.toLowerCase()) }))
    .filter(({ distance }) => distance <= distanceMax)
    .sort((a, b) => a.distance - b.distance);
  return nearest?.name ?? null;
}

const lengthMax = 64;

/** How many letters must be inserted, removed, replaced or swapped with their neighbour (optimal string alignment). */
function editDistance(from: string, to: string): number {
  if (from.length > lengthMax) return from.length;
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const isSame = from[row - 1] === to[column - 1];
      const isSwap = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      current[column] = Math.min(
        at(last, column) + 1,
        at(current, column - 1) + 1,
        at(last, column - 1) + (isSame ? 0 : 1),
        isSwap ? at(beforeLast, column - 2) + 1 : Number.POSITIVE_INFINITY,
      );
    }
    beforeLast = last;
    last = current;
  }
  return at(last, to.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Number.POSITIVE_INFINITY;
}
