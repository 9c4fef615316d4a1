import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';

/** One file of ours with what the layer rules ask about. */
export interface SourceFile {
  /** From the root of the repository, with `/`. */
  path: string;
  /** The text without whole-line comments. */
  code: string;
  lineCount: number;
  imports: readonly Import[];
}

export interface Import {
  /** What stands in the quotes. */
  specifier: string;
  /** The file of ours that it means; null for a package or a part of Node. */
  target: string | null;
  /** Whether nothing of it is left at run time: `import type`. */
  isTypeOnly: boolean;
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const extension = /\.(ts|mjs)$/;

/** The sources below some folders of the repository, and its configuration files. */
export function readSources(folders: readonly string[]): SourceFile[] {
  const configs = readdirSync(root).filter((name) => name.endsWith('.config.ts'));
  const below = folders.flatMap((folder) =>
    readdirSync(`${root}/${folder}`, { recursive: true, encoding: 'utf8' }).map((name) => `${folder}/${name}`),
  );
  return [...configs, ...below].filter((path) => extension.test(path)).map(readSource);
}

/** Whether the repository has a file or folder of this name. */
export function isThere(path: string): boolean {
  return existsSync(`${root}/${path}`);
}

/** A file of the repository as text. */
export function readText(path: string): string {
  return readFileSync(`${root}/${path}`, 'utf8');
}

// What the formatter makes of an import: it begins a line, and its last line ends with the quoted name.
const staticImport = /^(?:import|export)\s+(type\s)?(?:[\w*{][^'";]*?\sfrom\s+)?'([^'\n]+)'/gm;
const dynamicImport = /\bimport\(\s*'([^'\n]+)'/g;

/** @param path of the file that `code` is in, for what it names relative to itself */
export function findImports(path: string, code: string): Import[] {
  const found = [
    ...[...code.matchAll(staticImport)].map(([, type, specifier = '']) => ({ specifier, isTypeOnly: Boolean(type) })),
    ...[...code.matchAll(dynamicImport)].map(([, specifier = '']) => ({ specifier, isTypeOnly: false })),
  ];
  return found.map(({ specifier, isTypeOnly }) => ({
    specifier,
    isTypeOnly,
    target: specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : null,
  }));
}

/** The first way found that leads from a file back to itself, or null. */
export function findCycle(files: readonly Pick<SourceFile, 'path' | 'imports'>[]): string[] | null {
  const targets = new Map(files.map(({ path, imports }) => [path, imports.map(({ target }) => target ?? '')]));
  const finished = new Set<string>();
  const visit = (path: string, way: readonly string[]): string[] | null => {
    if (way.includes(path)) return [...way.slice(way.indexOf(path)), path];
    if (finished.has(path)) return null;
    for (const target of targets.get(path) ?? []) {
      const cycle = visit(target, [...way, path]);
      if (cycle) return cycle;
    }
    finished.add(path);
    return null;
  };
  for (const path of targets.keys()) {
    const cycle = visit(path, []);
    if (cycle) return cycle;
  }
  return null;
}

/** The package that a specifier names: `@noble/hashes` for `@noble/hashes/sha2.js`. */
export function packageOf(specifier: string): string {
  return specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');
}

function readSource(path: string): SourceFile {
  const text = readText(path);
  const code = withoutComments(text);
  return { path, code, lineCount: text.split('\n').length - 1, imports: findImports(path, code) };
}

function withoutComments(text: string): string {
  return text
    .split('\n')
    .filter((line) => !/^\s*(\/\/|\/?\*)/.test(line))
    .join('\n');
}
