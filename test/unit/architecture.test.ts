import { builtinModules } from 'node:module';
import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  findCycle,
  findImports,
  isThere,
  packageOf,
  readSources,
  readText,
  type SourceFile,
} from '../helpers/architecture-sources.ts';

/** The rules of ARCHITECTURE.md, checked against every import there is. */

const layers = ['protocol', 'agent', 'broker', 'viewer', 'cli'];
const files = readSources([...layers, 'scripts', 'test']);
const product = files.filter(({ path }) => layers.includes(layerOf(path)) && !isConfig(path));

/** What a layer may import beside itself. */
const layerMayImport: Record<string, readonly string[]> = {
  protocol: [],
  agent: ['protocol'],
  broker: ['protocol'],
  viewer: ['protocol'],
  cli: ['protocol', 'agent', 'broker', 'viewer'],
};

/** What a folder of the agent may import beside itself and the protocol. The files right in `agent/` compose, and may import all. */
const agentFolderMayImport: Record<string, readonly string[]> = {
  access: [],
  audio: [
    'agent/ffmpeg/',
    'agent/media/access-unit.ts',
    'agent/media/media-clock.ts',
    'agent/media/opus-duration.ts',
    'agent/sources/',
  ],
  camera: ['agent/ffmpeg/', 'agent/media/', 'agent/sources/'],
  commands: [],
  config: ['agent/sources/'],
  // Looks at every part as it is, and nothing of the daemon imports it.
  doctor: ['agent/'],
  ffmpeg: [],
  media: [],
  rtc: ['agent/media/rtp-packet.ts'],
  session: ['agent/audio/', 'agent/camera/', 'agent/commands/', 'agent/media/', 'agent/rtc/', 'agent/sources/'],
  signaling: [],
  sources: ['agent/ffmpeg/redact-credentials.ts'],
  system: [],
};

/** Where each package may be imported: a file, or a folder with `/`. A new dependency gets a line here. */
const packagePlaces: Record<string, readonly string[]> = {
  '@noble/ciphers': ['protocol/noise.ts'],
  '@noble/curves': ['protocol/noble-diffie-hellman.ts'],
  '@noble/hashes': ['protocol/', 'viewer/client/handshake.ts'],
  '@scure/base': ['protocol/bytes.ts'],
  aedes: ['broker/'],
  'ffmpeg-static': ['agent/ffmpeg/find-ffmpeg.ts'],
  'fluent-ffmpeg': ['agent/ffmpeg/ffmpeg.ts'],
  lit: ['viewer/ui/'],
  mqtt: ['agent/signaling/broker-probe.ts', 'agent/signaling/mqtt-signaling.ts', 'viewer/client/mqtt-signaling.ts'],
  'node-datachannel': [
    'agent/rtc/ice-probe.ts',
    'agent/rtc/node-datachannel-peer.ts',
    'cli/headless/headless-platform.ts',
  ],
  pino: ['agent/system/logger.ts'],
  qrcode: ['cli/qr-code.ts'],
  ws: ['agent/signaling/mqtt-stream.ts', 'broker/'],
  yaml: ['agent/config/', 'broker/users-file.ts'],
  zod: [
    'protocol/',
    'agent/access/',
    'agent/commands/',
    'agent/config/',
    'broker/users-file.ts',
    'cli/commands/',
    'viewer/',
  ],
};

const fileMaxLines = 400;

describe('layers', () => {
  it('has only imports of files that exist, by their whole name, so that no way between layers is missed', () => {
    const known = new Set([...files.map(({ path }) => path), 'package.json']);
    expect(
      edges(product)
        .filter(({ target }) => target !== null && !known.has(target))
        .map(describeEdge),
    ).toEqual([]);
  });

  it('lets agent, broker and viewer meet in the protocol alone, and nothing below import what is above', () => {
    const forbidden = edges(product).filter(({ path, target }) => {
      if (target === null || target === 'package.json') return false;
      const [from, to] = [layerOf(path), layerOf(target)];
      return from !== to && !layerMayImport[from]?.includes(to);
    });
    expect(forbidden.map(describeEdge)).toEqual([]);
  });

  it('keeps the protocol free of Node and of the DOM', () => {
    const builtins = edges(product).filter(
      ({ path, specifier }) => layerOf(path) === 'protocol' && isBuiltin(specifier),
    );
    expect(builtins.map(describeEdge)).toEqual([]);
    // The compiler checks the rest: it knows no global of either there.
    const { compilerOptions } = JSON.parse(readText('protocol/tsconfig.json'));
    expect(compilerOptions).toMatchObject({ lib: ['ES2023'], types: [] });
  });

  it('keeps the viewer free of Node, and its client free of the page', () => {
    const forbidden = edges(product).filter(
      ({ path, specifier, target }) =>
        (layerOf(path) === 'viewer' && isBuiltin(specifier)) ||
        (!path.startsWith('viewer/ui/') && target?.startsWith('viewer/ui/')),
    );
    expect(forbidden.map(describeEdge)).toEqual([]);
  });

  it('keeps the folders of the agent apart', () => {
    const forbidden = edges(product).filter(({ path, target }) => {
      const from = agentFolderOf(path);
      if (from === null || !target?.startsWith('agent/') || agentFolderOf(target) === from) return false;
      return !agentFolderMayImport[from]?.some((place) => isIn(target, place));
    });
    expect(forbidden.map(describeEdge)).toEqual([]);
  });

  it('gives every folder of the agent its rule', () => {
    const folders = new Set(product.map(({ path }) => agentFolderOf(path)).filter((folder) => folder !== null));
    expect([...folders].sort()).toEqual(Object.keys(agentFolderMayImport));
  });

  it('lets sessions know of cameras, sound and commands by their types alone', () => {
    const atRunTime = edges(product).filter(
      ({ path, target, isTypeOnly }) =>
        agentFolderOf(path) === 'session' &&
        ['audio', 'camera', 'commands'].includes(agentFolderOf(target ?? '') ?? '') &&
        !isTypeOnly,
    );
    expect(atRunTime.map(describeEdge)).toEqual([]);
  });

  it('lets nothing but tests import tests', () => {
    const forbidden = edges(files).filter(
      ({ path, target }) => layerOf(path) !== 'test' && target?.startsWith('test/'),
    );
    expect(forbidden.map(describeEdge)).toEqual([]);
  });

  it('has no import cycle, not even of types', () => {
    expect(findCycle(files)).toBeNull();
  });
});

describe('dependencies', () => {
  const outside = edges(product).filter(({ specifier, target }) => target === null && !isBuiltin(specifier));

  it('imports each package at its place alone', () => {
    const forbidden = outside.filter(({ path, specifier }) => {
      return !packagePlaces[packageOf(specifier)]?.some((place) => isIn(path, place));
    });
    expect(forbidden.map(describeEdge)).toEqual([]);
  });

  it('names no place that imports nothing of the package', () => {
    const stale = Object.entries(packagePlaces).flatMap(([name, places]) =>
      places.filter((place) => !product.some(({ path, code }) => isIn(path, place) && mentions(code, name))),
    );
    expect(stale).toEqual([]);
  });

  it('declares what the command needs when it runs, and nothing else', () => {
    const { dependencies, optionalDependencies } = JSON.parse(readText('package.json'));
    const declared = Object.keys({ ...dependencies, ...optionalDependencies });
    // Lit is built into the page.
    expect(declared.sort()).toEqual(
      Object.keys(packagePlaces)
        .filter((name) => name !== 'lit')
        .sort(),
    );
  });

  it('imports the parts of Node by their node: names', () => {
    expect(
      edges(files)
        .filter(({ specifier }) => builtinModules.includes(specifier))
        .map(describeEdge),
    ).toEqual([]);
  });

  it('reads the environment and ends the process in the main file alone', () => {
    const places = product.filter(({ code }) => /\bprocess\.(env|exit)\b/.test(code)).map(({ path }) => path);
    expect(places).toEqual(['cli/main.ts']);
  });
});

describe('files', () => {
  it(`have ${fileMaxLines} lines at most`, () => {
    expect(files.filter(({ lineCount }) => lineCount > fileMaxLines).map(({ path }) => path)).toEqual([]);
  });

  it('have names in kebab-case', () => {
    const kebab = /^[a-z0-9]+(-[a-z0-9]+)*(\.(test|config))?\.(ts|mjs)$/;
    expect(files.filter(({ path }) => !kebab.test(posix.basename(path))).map(({ path }) => path)).toEqual([]);
  });

  it('have no default export, unless a tool reads its configuration from there', () => {
    const withDefault = files.filter(
      ({ path, code }) => /^export (default\b|\{[^}]*\bas default\b)/m.test(code) && !isConfig(path),
    );
    expect(withDefault.map(({ path }) => path)).toEqual([]);
  });
});

describe('the pages for newcomers', () => {
  it.each(['ARCHITECTURE.md', 'CONTRIBUTING.md'])('%s names only files and folders that exist', (page) => {
    const named = [...readText(page).matchAll(/`([\w./-]+(?:\.ts|\/))`/g)].map(([, name = '']) => name);
    // Folders that a command makes are not there in a fresh clone.
    const made = readText('.gitignore').split('\n').filter(Boolean);
    const isMade = (name: string) => made.some((folder) => name.startsWith(folder));
    const missing = named.filter(
      (name) => !isThere(name) && !isMade(name) && !files.some(({ path }) => path.includes(`/${name}`)),
    );
    expect(named.length).toBeGreaterThan(10);
    expect(missing).toEqual([]);
  });
});

describe('the scanner of these rules', () => {
  it('finds every form of import', () => {
    const code = [
      "import one from 'one';",
      "import './two.ts';",
      "import type { Three } from '../three.ts';",
      "import {\n  type Four,\n  five,\n} from './four-five.ts';",
      "export { six } from '../../six.ts';",
      "export * from './seven.ts';",
      "const eight = await import('./eight.ts');",
      "const nine = from('./nine.ts');",
    ].join('\n');
    expect(findImports('a/b/c.ts', code)).toEqual([
      { specifier: 'one', target: null, isTypeOnly: false },
      { specifier: './two.ts', target: 'a/b/two.ts', isTypeOnly: false },
      { specifier: '../three.ts', target: 'a/three.ts', isTypeOnly: true },
      { specifier: './four-five.ts', target: 'a/b/four-five.ts', isTypeOnly: false },
      { specifier: '../../six.ts', target: 'six.ts', isTypeOnly: false },
      { specifier: './seven.ts', target: 'a/b/seven.ts', isTypeOnly: false },
      { specifier: './eight.ts', target: 'a/b/eight.ts', isTypeOnly: false },
    ]);
  });

  it('finds a cycle behind a way that leads into it', () => {
    const file = (path: string, ...targets: string[]) => ({
      path,
      imports: targets.map((target) => ({ specifier: target, target, isTypeOnly: false })),
    });
    expect(findCycle([file('a', 'b', 'd'), file('b', 'c'), file('c', 'd', 'b'), file('d')])).toEqual(['b', 'c', 'b']);
    expect(findCycle([file('a', 'b', 'c'), file('b', 'c'), file('c')])).toBeNull();
  });
});

interface Edge {
  path: string;
  specifier: string;
  target: string | null;
  isTypeOnly: boolean;
}

function edges(sources: readonly SourceFile[]): Edge[] {
  return sources.flatMap(({ path, imports }) => imports.map((found) => ({ path, ...found })));
}

function describeEdge({ path, specifier }: Edge): string {
  return `${path} imports ${specifier}`;
}

function layerOf(path: string): string {
  return path.split('/')[0] ?? '';
}

/** Null for what is not in a folder of the agent. */
function agentFolderOf(path: string): string | null {
  const [layer, folder, ...rest] = path.split('/');
  return layer === 'agent' && folder !== undefined && rest.length > 0 ? folder : null;
}

function isIn(path: string, place: string): boolean {
  return place.endsWith('/') ? path.startsWith(place) : path === place;
}

function isConfig(path: string): boolean {
  return path.endsWith('.config.ts');
}

function isBuiltin(specifier: string): boolean {
  return specifier.startsWith('node:') || builtinModules.includes(specifier);
}

/** Also where the name is not written in the import itself, as that of an optional package. */
function mentions(code: string, packageName: string): boolean {
  return code.includes(`'${packageName}'`) || code.includes(`'${packageName}/`);
}
