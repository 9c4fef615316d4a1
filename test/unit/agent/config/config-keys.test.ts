import { describe, expect, it } from 'vitest';
import { listConfigKeys } from '../../../../agent/config/config-keys.ts';

describe('listConfigKeys', () => {
  const keys = listConfigKeys();

  it('gives each setting its own environment name', () => {
    const names = keys.flatMap((key) => key.environmentName ?? []);
    expect(names).toContain('PORTHOLE_BROKER_TOPIC_PREFIX');
    expect(names).toContain('PORTHOLE_ICE_ANNOUNCE_PORTS_FROM');
    expect(new Set(names).size).toBe(names.length);
  });

  it('finds a description of every setting', () => {
    expect(keys.filter((key) => key.description === '').map((key) => key.path.join('.'))).toEqual([]);
  });

  it('knows kinds and defaults', () => {
    const of = (path: string) => keys.find((key) => key.path.join('.') === path);
    expect(of('limits.sessions')).toMatchObject({ kind: 'number', defaultValue: 8 });
    expect(of('ice.lanOnly')).toMatchObject({ kind: 'flag', defaultValue: false });
    expect(of('cameras')).toMatchObject({ kind: 'list', defaultValue: [] });
    expect(of('ice.portRange')).toMatchObject({ kind: 'list', defaultValue: undefined });
    expect(of('broker.url')).toMatchObject({ kind: 'text', defaultValue: 'mqtt://127.0.0.1:1883' });
  });

  it('knows what is inside the entries of a list, which has no environment name', () => {
    const fps = keys.find((key) => key.path.join('.') === 'cameras.*.fps');
    expect(fps).toMatchObject({ kind: 'number', defaultValue: 30, schema: { minimum: 1, maximum: 120 } });
    expect(fps).not.toHaveProperty('environmentName');
  });

  it('knows range and unit of every number', () => {
    const withoutUnit = ['audio.channels', 'ice.announce.ports.from'];
    const numbers = keys.filter((key) => key.kind === 'number');
    expect(numbers.length).toBeGreaterThan(8);
    for (const { path, schema } of numbers) {
      expect([path, schema.minimum, schema.maximum]).toEqual([path, expect.any(Number), expect.any(Number)]);
      if (!withoutUnit.includes(path.join('.'))) expect([path, schema.unit]).toEqual([path, expect.any(String)]);
    }
  });

  it('has an example of every setting, other than its default', () => {
    for (const { path, example, defaultValue } of keys) {
      expect([path, example]).not.toEqual([path, undefined]);
      expect([path, example]).not.toEqual([path, defaultValue]);
    }
  });
});
