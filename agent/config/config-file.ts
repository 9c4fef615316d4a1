import { open } from 'node:fs/promises';
import { type Document, isCollection, isMap, isScalar, LineCounter, parseDocument } from 'yaml';
import { failure, type Result, success } from '../../protocol/result.ts';
import { type ConfigLayer, isPlainObject } from './config-layer.ts';
import type { ConfigProblem } from './config-problem.ts';

const fileMaxBytes = 256 * 1024;

/**
 * Reads a YAML file as a layer.
 *
 * @param mayBeAbsent whether a file that is not there is as good as an empty one: true for the default path only
 */
export async function readConfigFile(
  path: string,
  mayBeAbsent: boolean,
): Promise<Result<ConfigLayer, ConfigProblem[]>> {
  const read = await readBounded(path);
  if (read.ok) return parseConfigText(path, read.value);
  if (mayBeAbsent && read.error === 'ENOENT') return success({ values: {}, locate: () => path });
  return failure([{ path: '', origin: path, message: sentenceFor(read.error) }]);
}

/** @param origin what the text is called in problems */
export function parseConfigText(origin: string, text: string): Result<ConfigLayer, ConfigProblem[]> {
  const lineCounter = new LineCounter();
  const document = parseDocument(text, { lineCounter, prettyErrors: false });
  if (document.errors.length > 0) {
    return failure(
      document.errors.map((error) => ({
        path: '',
        origin: placeIn(origin, lineCounter, error.pos[0]),
        message: `is not valid YAML: ${error.message}`,
      })),
    );
  }
  const values = toValues(document);
  if (!isPlainObject(values)) {
    return failure([{ path: '', origin, message: 'must hold settings of the form "key: value"' }]);
  }
  const locate = (path: readonly PropertyKey[]) => {
    const offset = offsetOf(document, path);
    return offset === undefined ? origin : placeIn(origin, lineCounter, offset);
  };
  return success({ values: withoutEmptyKeys(values), locate });
}

/** `porthole.yaml:12:5`, as editors and compilers write it. */
function placeIn(origin: string, lineCounter: LineCounter, offset: number): string {
  const { line, col } = lineCounter.linePos(offset);
  return `${origin}:${line}:${col}`;
}

/** Where a key begins, or the entry of a list. */
function offsetOf(document: Document, path: readonly PropertyKey[]): number | undefined {
  const parent = path.length > 1 ? document.getIn(path.slice(0, -1), true) : document.contents;
  const last = path.at(-1);
  if (isMap(parent)) {
    const key = parent.items
      .map((pair) => pair.key)
      .find((candidate) => isScalar(candidate) && candidate.value === last);
    return isScalar(key) ? key.range?.[0] : undefined;
  }
  const entry = isCollection(parent) ? parent.get(last, true) : undefined;
  return (entry as { range?: [number, number, number] } | undefined)?.range?.[0];
}

function toValues(document: Document): unknown {
  try {
    return document.toJS() ?? {};
  } catch {
    // An alias without an anchor, or a "billion laughs" tree of them.
    return null;
  }
}

/** A key with nothing after it says nothing, nor does one that holds only such keys. */
function withoutEmptyKeys(object: Record<string, unknown>): Record<string, unknown> {
  const said = Object.entries(object).flatMap(([key, value]): [string, unknown][] => {
    if (!isPlainObject(value)) return value === null ? [] : [[key, value]];
    const inner = withoutEmptyKeys(value);
    return Object.keys(value).length > 0 && Object.keys(inner).length === 0 ? [] : [[key, inner]];
  });
  return Object.fromEntries(said);
}

async function readBounded(path: string): Promise<Result<string, string>> {
  try {
    const handle = await open(path, 'r');
    try {
      const buffer = Buffer.alloc(fileMaxBytes + 1);
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
      return bytesRead > fileMaxBytes ? failure('EFBIG') : success(buffer.toString('utf8', 0, bytesRead));
    } finally {
      await handle.close();
    }
  } catch (error) {
    return failure((error as NodeJS.ErrnoException).code ?? String(error));
  }
}

function sentenceFor(code: string): string {
  switch (code) {
    case 'ENOENT':
      return 'there is no such file';
    case 'EACCES':
      return 'this user may not read the file';
    case 'EISDIR':
      return 'is a folder, not a file';
    case 'EFBIG':
      return `is larger than ${fileMaxBytes} bytes`;
    default:
      return `cannot be read (${code})`;
  }
}
