import { describe, expect, it } from 'vitest';
import { listConfigKeys } from '../../../../agent/config/config-keys.ts';

describe('listConfigKeys', () => {
  const keys = listConfigKeys();

  it('gives each setting its own environment name', () => {
    const names = keys.map((key) => key.environmentName);
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

  it('has the unit in the description of every number', () => {
    const counts = ['limits.sessions', 'audio.channels'];
    const numbers = keys.filter((key) => key.kind === 'number' && !counts.includes(key.path.join('.')));
    for (const key of numbers) expect(key.description).toMatch(/milliseconds|seconds|pixels|kbit\/s|port/);
  });
});
