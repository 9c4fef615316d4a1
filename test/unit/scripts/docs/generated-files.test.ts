import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseConfigText } from '../../../../agent/config/config-file.ts';
import { listConfigKeys } from '../../../../agent/config/config-keys.ts';
import { mergeLayers } from '../../../../agent/config/config-layer.ts';
import { configSchema } from '../../../../agent/config/config-schema.ts';
import { buildConfigExample } from '../../../../scripts/docs/config-example.ts';
import { buildGeneratedFiles } from '../../../../scripts/docs/generated-files.ts';

const machine = { name: 'host', stateDir: '/state', runtimeDir: '/run', cacheDir: '/var/cache/porthole' };

/** What the agent makes of a file. @throws ZodError */
function configFrom(text: string) {
  const layer = parseConfigText('file', text);
  if (!layer.ok) throw new Error(JSON.stringify(layer.error));
  return configSchema.parse(mergeLayers([{ values: machine, locate: () => '' }, layer.value]));
}

const example = buildConfigExample();
const defaults = configFrom('');

describe('the files that are made from the sources', () => {
  it.each([...buildGeneratedFiles()])('%s is fresh; else run "npm run docs"', (path, text) => {
    const written = readFileSync(new URL(`../../../../${path}`, import.meta.url), 'utf8');
    if (path.endsWith('.json')) expect(JSON.parse(written)).toEqual(JSON.parse(text));
    else expect(written).toBe(text);
  });
});

describe('the example file', () => {
  it('says nothing as it is, nor with every comment removed', () => {
    expect(configFrom(example)).toEqual(defaults);
    expect(configFrom(example.replace(/^\s*#.*\n/gm, ''))).toEqual(defaults);
  });

  it('is valid with every setting in force, and lacks none', () => {
    const all = example.replace(/^(\s*)#(?=[a-zA-Z-])/gm, '$1');
    expect(configFrom(all)).toMatchObject({
      name: 'Harbour cam',
      cameras: [{ id: 'door', source: '/dev/video0', fps: 30 }],
      ice: { portRange: [50_000, 50_100], announce: { address: '203.0.113.7', ports: { from: 40_000 } } },
    });
    const names = listConfigKeys().map(({ path }) => path);
    const values = parse(all);
    const absent = names.filter((path) => valueAt(values, path) === undefined).map((path) => path.join('.'));
    expect(absent).toEqual(['broker.password', 'ice.turn.secret']);
  });

  it('takes each setting of a section alone', () => {
    // Without a user name a password is refused.
    const settings = example.split('\n').filter((line) => /^ {2}#(?!password)[a-z]/.test(line));
    expect(settings.length).toBeGreaterThan(15);
    for (const setting of settings) {
      const changed = example.replace(`\n${setting}\n`, `\n${setting.replace('#', '')}\n`);
      expect(() => configFrom(changed)).not.toThrow();
    }
  });

  it('names a schema for editors on its first line', () => {
    expect(example).toMatch(/^# yaml-language-server: \$schema=\S+\n/);
  });
});

/** What some settings are refused without. */
const company = {
  broker: { username: 'me' },
  ice: { turn: { urls: ['turn:a:1'] }, portRange: [1, 2], announce: { address: '1.2.3.4' } },
};

describe('the examples in the schema', () => {
  it('are valid', () => {
    for (const { path, example: value } of listConfigKeys().filter((key) => !key.path.includes('*'))) {
      const values = path.reduceRight<unknown>((inner, part) => ({ [part]: inner }), value);
      const layers = [machine, company, values as Record<string, unknown>].map((layer) => ({
        values: layer,
        locate: () => '',
      }));
      expect([path, configSchema.safeParse(mergeLayers(layers)).error?.issues]).toEqual([path, undefined]);
    }
  });
});

function valueAt(values: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, part) => (value as Record<string, unknown>)?.[part === '*' ? '0' : part], values);
}
