import { isDeepStrictEqual } from 'node:util';
import { type Document, isMap, isScalar, type Node, parse, parseDocument, stringify, YAMLMap, YAMLSeq } from 'yaml';
import { failure, type Result, success } from '../../protocol/result.ts';

/** One setting to write; a number in the path is an entry of a list. Undefined takes the setting out. */
export interface ConfigChange {
  path: readonly (string | number)[];
  value: string | number | boolean | undefined;
}

/**
 * Changes settings in the text of a configuration and leaves every other letter as it is, where that is possible. A setting
 * that stands there as a comment, as in the example file, is put in force in its place.
 *
 * @returns the new text, or in a sentence why the old one cannot be changed
 */
export function editConfigText(text: string, changes: readonly ConfigChange[]): Result<string, string> {
  const { errors, contents } = parseDocument(text);
  const [problem] = errors;
  if (problem) return failure(`is not valid YAML: ${problem.message.split('\n')[0]}`);
  if (contents !== null && !isMap(contents)) return failure('must hold settings of the form "key: value"');
  const wanted = changes.filter(({ value }) => value !== undefined).map(({ path }) => path.join('.'));
  return success(changes.reduce(applyChange, uncomment(text, new Set(wanted))));
}

/** In the text alone, where that is possible; else by writing the whole document anew, which moves comments about. */
function applyChange(text: string, change: ConfigChange): string {
  const spliced = spliceChange(text, change);
  const rewritten = rewriteChange(text, change);
  return spliced !== null && means(spliced, rewritten) ? spliced : rewritten;
}

function means(text: string, other: string): boolean {
  const document = parseDocument(text);
  return document.errors.length === 0 && isDeepStrictEqual(document.toJS(), parse(other));
}

/** Null where the text is of a form that this does not know. */
function spliceChange(text: string, { path, value }: ConfigChange): string | null {
  const document = parseDocument(text, { keepSourceTokens: true });
  const current = document.getIn(path, true) as Node | undefined;
  if (value === undefined) return current === undefined ? text : withoutLine(text, current, path.at(-1));
  const written = stringify(value, { lineWidth: 0 }).trimEnd();
  if (isScalar(current) && current.range) {
    const [start, end] = current.range;
    return `${text.slice(0, start)}${current.value === null ? ' ' : ''}${written}${text.slice(end)}`;
  }
  return current === undefined ? insertSetting(text, document, path, written) : null;
}

function withoutLine(text: string, { range }: Node, key: string | number | undefined): string | null {
  if (!range) return null;
  const start = text.lastIndexOf('\n', range[0]) + 1;
  if (!text.slice(start, range[0]).trimStart().startsWith(`${key}:`)) return null;
  const end = text.indexOf('\n', range[1]);
  return `${text.slice(0, start)}${end < 0 ? '' : text.slice(end + 1)}`;
}

/** As the last line of its section, or of the file. */
function insertSetting(text: string, document: Document, path: ConfigChange['path'], value: string): string | null {
  const [top, ...rest] = path;
  const pair = isMap(document.contents)
    ? document.contents.items.find(({ key }) => isScalar(key) && key.value === top)
    : undefined;
  if (!pair) return `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${writeSetting(path, value, 0)}`;
  // Deeper ones than "section: key:" are rare enough for the other way.
  if (rest.length === 0 || (rest.length > 1 && typeof rest[0] !== 'number')) return null;
  const last = isMap(pair.value) ? pair.value.items.at(-1)?.value : pair.key;
  const range = (last as Node | null | undefined)?.range;
  if (!range) return null;
  const lineEnd = text.indexOf('\n', range[1] - 1);
  const position = lineEnd < 0 ? text.length : lineEnd + 1;
  const lead = lineEnd < 0 ? '\n' : '';
  return `${text.slice(0, position)}${lead}${writeSetting(rest, value, indentBelow(pair.value))}${text.slice(position)}`;
}

/** The column of what stands below a key already. */
function indentBelow(value: unknown): number {
  return isMap(value) && value.srcToken?.type === 'block-map' ? value.srcToken.indent : 2;
}

function writeSetting(path: ConfigChange['path'], value: string, indent: number): string {
  const [part, ...rest] = path;
  const margin = ' '.repeat(indent);
  if (typeof part === 'number') return `${margin}- ${rest.join('.')}: ${value}\n`;
  return rest.length === 0
    ? `${margin}${part}: ${value}\n`
    : `${margin}${part}:\n${writeSetting(rest, value, indent + 2)}`;
}

function rewriteChange(text: string, { path, value }: ConfigChange): string {
  const document = parseDocument(text);
  if (value !== undefined) setIn(document, path, value);
  else if (document.hasIn(path)) document.deleteIn(path);
  return document.toString({ lineWidth: 0 });
}

/** Keys without a value become what the path needs. */
function setIn(document: Document, path: ConfigChange['path'], value: unknown): void {
  for (let length = 1; length < path.length; length += 1) {
    const parent = path.slice(0, length);
    const node = document.getIn(parent, true);
    if (node !== undefined && !(isScalar(node) && node.value === null)) continue;
    document.setIn(parent, typeof path[length] === 'number' ? new YAMLSeq() : new YAMLMap());
  }
  document.setIn(path, value);
}

const settingLine = /^(?<indent> *)(?<hash>#?)(?<dash>(?:- )?)(?<key>[A-Za-z]\w*):/;

/**
 * Takes the # away from the lines of some settings: `  #url: …` below `broker:`. Only where the setting is nowhere in force, or
 * it would be there twice.
 */
function uncomment(text: string, wanted: ReadonlySet<string>): string {
  const lines = text.split('\n').map((line) => ({ line, ...readSetting(line) }));
  const parents: { indent: number; name: string }[] = [];
  const named = lines.map(({ line, indent, key, isComment, isEntry }) => {
    if (key === undefined) return { line, name: '', isComment };
    while ((parents.at(-1)?.indent ?? -1) >= indent) parents.pop();
    const name = [...parents.map((parent) => parent.name), ...(isEntry ? ['0'] : []), key].join('.');
    if (isEntry) parents.push({ indent, name: '0' });
    else if (!isComment) parents.push({ indent, name: key });
    return { line, name, isComment };
  });
  const inForce = new Set(named.filter(({ isComment }) => !isComment).map(({ name }) => name));
  const done = new Set<string>();
  return named
    .map(({ line, name, isComment }) => {
      if (!isComment || !wanted.has(name) || inForce.has(name) || done.has(name)) return line;
      done.add(name);
      return line.replace('#', '');
    })
    .join('\n');
}

function readSetting(line: string) {
  const groups = settingLine.exec(line)?.groups;
  return {
    indent: groups?.indent?.length ?? 0,
    key: groups?.key,
    isComment: groups?.hash === '#',
    isEntry: groups?.dash === '- ',
  };
}
