import { expect, it } from 'vitest';
import { readSources, readText } from '../../../helpers/architecture-sources.ts';

/** The first argument of those who make a finding, and the two parts that the checks of a broker are made of. */
const literalCheck = /\b(?:ok|warning|failed|skipped|describeProblem)\(\s*'([a-z0-9-]+)'/g;
const brokerParts = ['reachable', 'tls', 'websocket', 'login'];
/** Stands for all checks of the broker where none can be made. */
const stands = new Set(['broker']);

it('docs/troubleshooting.md explains each check, and none that is not made', () => {
  const code = readSources(['agent']).filter(({ path }) => path.startsWith('agent/doctor/'));
  const made = new Set([
    ...code.flatMap((source) => [...source.code.matchAll(literalCheck)].map(([, check = '']) => check)),
    ...brokerParts.flatMap((part) => [`broker-${part}`, `browser-broker-${part}`]),
  ]);
  const [, table = ''] = readText('docs/troubleshooting.md').split('## The checks');
  const explained = [...table.matchAll(/^\| `([a-z0-9-]+)` \|/gm)].map(([, check = '']) => check);
  expect(explained.sort()).toEqual([...made].filter((check) => !stands.has(check)).sort());
});
